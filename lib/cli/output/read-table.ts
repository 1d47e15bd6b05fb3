/** Reader of whole tables from the store, for comparing them. */
import type { Cell, Columns } from './table-diff.ts';

/** Kinds of artifact that are tables of plain cells. */
export const TABLE_KINDS: readonly string[] = ['table', 'parquet'];

/** Size in bytes beyond which tables are not read into memory. */
export const LARGEST_TABLE = 256 * 2 ** 20;

export async function readTable(path: string, kind: string): Promise<Columns> {
  return kind === 'parquet' ? readParquet(path) : readArrow(path);
}

async function readParquet(path: string): Promise<Columns> {
  const { openParquetFile } = await import('../../data/files/parquet-file.ts');
  const file = await openParquetFile(path);
  const rows = await file.objects(0, file.rows);
  const names = file.columns.map(({ element }) => element.name);
  const values = Object.fromEntries(names.map((name) => [name, rows.map((row) => asCell(row[name]))]));
  return { names, values, rows: rows.length };
}

async function readArrow(path: string): Promise<Columns> {
  const { openArrowFile } = await import('../../flow/kinds/arrow-file.ts');
  const file = await openArrowFile(path);
  const names = file.schema.fields.map(({ name }) => name);
  const values: Record<string, Cell[]> = Object.fromEntries(names.map((name) => [name, []]));
  let rows = 0;
  for await (const batch of file.batches()) {
    rows += batch.numRows;
    for (const [c, name] of names.entries()) {
      const column = batch.getChildAt(c);
      for (let i = 0; i < batch.numRows; i++) values[name].push(asCell(column?.get(i)));
    }
  }
  return { names, values, rows };
}

function asCell(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v));
}
