/** `show`: the schema and the first rows of an output. */
import { readFileSync } from 'node:fs';
import type { App } from '../app.ts';
import type { ShowOptions } from '../options/options.ts';
import { fittedTable } from '../output/fitted-table.ts';
import { type Preview, previewArrow, previewParquet } from '../output/preview.ts';
import { textTable } from '../output/table.ts';
import { note, out, outWidth, paint, shownPath } from '../output/ui.ts';
import { bytes } from '../output/units.ts';
import { askedRun, type FoundOutput, findOutput, namesInFolder } from '../session/outputs.ts';
import { openStudy } from '../session/session.ts';

export async function show(app: App, name: string, options: ShowOptions): Promise<number> {
  const asked = await openStudy(options);
  const { shown, notes } = askedRun(asked, options.run);
  const output = findOutput(asked, shown, name, app.renamed);
  if (!options.quiet) for (const text of notes) note(`note: ${text}`);
  const { kind, path } = output;
  const isFile = kind === 'text' || kind === 'file';
  if (kind === 'json') out(readFileSync(path, 'utf8').trimEnd());
  else if (options.json) out(JSON.stringify(await describe(output, options.rows), null, 2));
  else if (isFile || kind === 'files') {
    note(`${output.name}: ${isFile ? '' : 'a folder, '}${bytes(output.bytes)}`);
    out(
      isFile
        ? shownPath(path)
        : namesInFolder(path)
            .map((file) => shownPath(`${path}/${file}`))
            .join('\n'),
    );
  } else {
    const preview = await previewOf(output, options.rows);
    const rows = preview.rows === undefined ? '' : `, ${preview.rows} rows`;
    note(`${output.name}: ${kind}${rows}, ${bytes(output.bytes)}\n${schemaText(preview)}\n`);
    out(headText(preview));
  }
  return 0;
}

async function describe(output: FoundOutput, rows: number): Promise<object> {
  const { name, kind, path } = output;
  if (kind === 'files') return { name, kind, path, files: namesInFolder(path) };
  if (kind === 'text' || kind === 'file') return output;
  const preview = await previewOf(output, rows);
  const head = preview.head.map((row) => Object.fromEntries(preview.columns.map((c, i) => [c.name, row[i]])));
  return { ...output, columns: preview.columns, rows: preview.rows, head };
}

function previewOf({ kind, path, bytes }: FoundOutput, rows: number): Promise<Preview> {
  return kind === 'parquet' ? previewParquet(path, rows) : previewArrow(path, rows, bytes);
}

function schemaText({ columns }: Preview): string {
  return textTable({
    rows: columns.map(({ name, type, nullable }) => [name, type, nullable ? 'may be missing' : '']),
    indent: '  ',
  });
}

function headText({ columns, head }: Preview): string {
  const numeric = columns.map((_, c) => head.some((r) => typeof r[c] === 'number'));
  return fittedTable({
    head: columns.map(({ name }) => paint('bold', name)),
    rows: head.map((row) => row.map(cellText)),
    right: new Set([...numeric.keys()].filter((c) => numeric[c])),
    width: outWidth(),
  });
}

function cellText(value: unknown): string {
  if (value === null) return paint('dim', 'null');
  if (typeof value === 'number')
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  return Array.isArray(value) ? `[${value.map(cellText).join(', ')}]` : String(value);
}
