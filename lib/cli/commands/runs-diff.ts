/** `runs diff`: the differences between two runs, down to the cells of their tables. */
import { existsSync } from 'node:fs';
import { KeptTexts } from '../../flow/files/kept-texts.ts';
import {
  describeCause,
  diffRuns,
  findRecord,
  type OutputChange,
  type RunDiff,
  type RunManifest,
  type Store,
  shortId,
} from '../../flow/index.ts';
import type { ContentHash } from '../../flow/keys/key.ts';
import type { App } from '../app.ts';
import type { RunsDiffOptions } from '../options/options.ts';
import { LARGEST_TABLE, readTable, TABLE_KINDS } from '../output/read-table.ts';
import { type CellDifference, diffTables, type TableDifference } from '../output/table-diff.ts';
import { out, paint } from '../output/ui.ts';
import { count } from '../output/units.ts';
import { renderCodeChanges } from '../render/diff.ts';
import { openStudy } from '../session/session.ts';

const SHOWN_VALUES = 10;
const DIFF_LINES = 60;
const VALUE_WIDTH = 100;

interface Numbers {
  readonly name: string;
  /** Reason why the numbers could not be compared. */
  readonly problem?: string;
  readonly difference?: TableDifference;
}

export async function diffOfRuns(_app: App, a: string, b: string, options: RunsDiffOptions): Promise<number> {
  const { store, study } = await openStudy(options);
  const [old, current] = [findRecord(store, a, study), findRecord(store, b, study)];
  const texts = new KeptTexts(store.layout.codeTexts);
  const diff = diffRuns(
    old,
    current,
    (key) => store.recordOf(key),
    (hash) => texts.get(hash),
  );
  const limit = options.full ? Number.POSITIVE_INFINITY : SHOWN_VALUES;
  const numbers: Numbers[] = [];
  for (const change of diff.outputs) {
    if (change.change === 'changed' && TABLE_KINDS.includes(change.kind))
      numbers.push(await numbersOf(store, change, [old, current], options.tolerance, limit));
  }
  if (options.json) out(JSON.stringify({ old: old.run, new: current.run, ...diff, numbers }, null, 2));
  else {
    out(`${shortId(old.run)} → ${shortId(current.run)}`);
    out(renderRunDiff(diff, numbers, options.full) || 'Nothing differs.');
  }
  return 0;
}

async function numbersOf(
  store: Store,
  { name, kind, old, new: current }: OutputChange,
  runs: readonly RunManifest[],
  tolerance: number,
  limit: number,
): Promise<Numbers> {
  const paths = [old, current].map((hash) => store.objectPath(hash as ContentHash));
  if (!paths.every((path) => existsSync(path))) return { name, problem: 'no longer in the store' };
  if (runs.some(({ published }) => (published?.[name]?.bytes ?? 0) > LARGEST_TABLE))
    return { name, problem: 'too large to compare cell by cell' };
  const [a, b] = [await readTable(paths[0], kind), await readTable(paths[1], kind)];
  return { name, difference: diffTables(a, b, { tolerance, limit }) };
}

function renderRunDiff(diff: RunDiff, numbers: readonly Numbers[], full: boolean): string {
  const sections: string[] = [];
  const section = (title: string, lines: readonly string[]) => {
    if (lines.length > 0)
      sections.push([paint('bold', title), ...lines.map((line) => `  ${line}`)].join('\n'));
  };
  const { targets, program } = diff;
  section(
    'config',
    diff.config.map((cause) => describeCause(cause, { width: full ? undefined : VALUE_WIDTH })),
  );
  section('program', program === undefined ? [] : [program.old, `→ ${program.new}`]);
  section(
    'input files',
    diff.files.map(({ path, change }) => `${change}  ${path}`),
  );
  section('targets', [
    ...targets.removed.map((id) => `removed  ${id}`),
    ...targets.added.map((id) => `added    ${id}`),
  ]);
  const code = renderCodeChanges(diff.code, full ? Number.POSITIVE_INFINITY : DIFF_LINES);
  section('code', [
    ...(code === '' ? [] : code.split('\n')),
    ...(diff.codeUnknown.length === 0 ? [] : [`not known any more: ${diff.codeUnknown.join(', ')}`]),
  ]);
  section('outputs', [
    ...diff.outputs.map(({ change, name }) => `${change.padEnd(8)} ${name}`),
    ...(diff.outputs.length === 0 ? [] : [`${diff.same} the same`]),
  ]);
  section(
    'numbers',
    numbers.flatMap((of) => renderNumbers(of, full)),
  );
  return sections.join('\n\n');
}

function renderNumbers({ name, problem, difference }: Numbers, full: boolean): string[] {
  if (difference === undefined) return [`${name}: ${problem}`];
  const { addedColumns, removedColumns, addedRows, removedRows, differing, largest, shown } = difference;
  const words = [
    ...(differing === 0
      ? ['no value differs by more than the tolerance']
      : [`${count(differing, 'value')} ${differing === 1 ? 'differs' : 'differ'}`]),
    ...(largest > 0 ? [`by up to ${Number((100 * largest).toPrecision(2))} %`] : []),
    ...(addedRows > 0 ? [`${count(addedRows, 'row')} added`] : []),
    ...(removedRows > 0 ? [`${count(removedRows, 'row')} removed`] : []),
    ...(addedColumns.length > 0 ? [`new columns ${addedColumns.join(', ')}`] : []),
    ...(removedColumns.length > 0 ? [`without columns ${removedColumns.join(', ')}`] : []),
  ];
  const cells = shown.map((c) => `  ${c.row}: ${c.column} ${change(c, full)}`);
  const hidden = differing - shown.length;
  if (hidden > 0) cells.push(paint('dim', `  ${count(hidden, 'more value')}: --full shows all`));
  return [`${name}: ${words.join(', ')}`, ...cells];
}

/** Text of a change: `0.7314 → 0.7345`, with as many digits as show that two numbers differ, or all that they have. */
function change({ old, new: current }: CellDifference, full: boolean): string {
  if (!full && typeof old === 'number' && typeof current === 'number') {
    for (let digits = 4; digits < 17; digits++) {
      const [a, b] = [old, current].map((x) => Number(x.toPrecision(digits)));
      // Whole numbers are counts: all their digits are shown.
      if (a !== b && [old, current].every((x, i) => !Number.isInteger(x) || x === [a, b][i]))
        return `${a} → ${b}`;
    }
  }
  return `${old} → ${current}`;
}
