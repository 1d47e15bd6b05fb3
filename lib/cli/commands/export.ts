/** `export`: copies outputs out of the store, where they are links, under their names. */
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { usageError } from '../../errors.ts';
import type { App } from '../app.ts';
import type { ExportOptions } from '../options/options.ts';
import { makeFolder, writingTo } from '../options/written.ts';
import { note, out, shownPath } from '../output/ui.ts';
import { bytes, count } from '../output/units.ts';
import { askedRun, findOutput, namesInFolder, requireThere, unknownOutput } from '../session/outputs.ts';
import { openStudy } from '../session/session.ts';

export async function exportOutputs(
  app: App,
  folder: string,
  names: string[],
  options: ExportOptions,
): Promise<number> {
  const asked = await openStudy(options);
  const { shown, notes } = askedRun(asked, options.run);
  const published = [...Object.keys(shown.published), 'run.json'];
  const wanted =
    names.length === 0 ? published : names.map((name) => findOutput(asked, shown, name, app.renamed).name);
  const isShown = (name: string) => published.some((known) => name === known || name.startsWith(`${known}/`));
  const outside = wanted.find((name) => !isShown(name));
  if (outside !== undefined) throw unknownOutput(outside, published, app.renamed);
  if (!options.quiet) for (const text of notes) note(`note: ${text}`);
  for (const name of wanted) requireThere(join(shown.folder, name), name);

  const copies = wanted.flatMap((name) => copiesOf(join(shown.folder, name), resolve(folder, name)));
  const there = copies.filter(({ to }) => existsSync(to));
  const same = new Set(there.filter(({ from, to }) => isSameFile(from, to)));
  const different = there.filter((copy) => !same.has(copy));
  if (different.length > 0 && !options.overwrite) {
    throw usageError(`${count(different.length, 'file')} in ${folder} would be replaced`, {
      where:
        different
          .slice(0, 5)
          .map(({ to }) => shownPath(to))
          .join('\n') + (different.length > 5 ? '\n…' : ''),
      hint: 'choose another folder, or replace them with --overwrite',
    });
  }
  const open = copies.filter((copy) => !same.has(copy));
  writingTo(folder, () => {
    for (const { from, to } of open) {
      makeFolder(dirname(to));
      rmSync(to, { force: true });
      copyFileSync(realpathSync(from), to);
      chmodSync(to, 0o644); // what lies in the store is read-only
    }
  });
  if (options.json)
    out(JSON.stringify({ folder: resolve(folder), files: copies.map(({ to }) => to) }, null, 2));
  else if (!options.quiet) {
    const size = open.reduce((sum, { to }) => sum + statSync(to).size, 0);
    const kept = same.size > 0 ? `; ${count(same.size, 'file')} there already` : '';
    note(`Copied ${count(open.length, 'file')} (${bytes(size)}) to ${shownPath(resolve(folder))}${kept}.`);
  }
  return 0;
}

interface Copy {
  readonly from: string;
  readonly to: string;
}

function copiesOf(from: string, to: string): Copy[] {
  if (!statSync(from).isDirectory()) return [{ from, to }];
  return namesInFolder(from).map((name) => ({ from: join(from, name), to: join(to, name) }));
}

const BLOCK = 2 ** 24;

/** Whether two files have equal content, compared block by block. */
function isSameFile(from: string, to: string): boolean {
  const { size } = statSync(from);
  if (!statSync(to).isFile() || statSync(to).size !== size) return false;
  const [a, b] = [openSync(from, 'r'), openSync(to, 'r')];
  const [blockA, blockB] = [Buffer.alloc(Math.min(BLOCK, size)), Buffer.alloc(Math.min(BLOCK, size))];
  try {
    for (let position = 0; position < size; position += BLOCK) {
      const length = readSync(a, blockA, 0, blockA.length, position);
      readSync(b, blockB, 0, blockB.length, position);
      if (!blockA.subarray(0, length).equals(blockB.subarray(0, length))) return false;
    }
    return true;
  } finally {
    closeSync(a);
    closeSync(b);
  }
}
