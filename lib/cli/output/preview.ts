/** Preview of a table on disk: its schema and first rows. */

export interface Preview {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
  /** Number of rows of the whole table; undefined if counting would mean reading it all. */
  readonly rows?: number;
  readonly head: readonly (readonly unknown[])[];
}

/** Number of values of a nested column that are shown. */
const SHOWN_ITEMS = 8;

/** Size in bytes up to which an Arrow file is read to its end to count its rows. */
const COUNTED_BYTES = 256 * 2 ** 20;

export async function previewArrow(path: string, rows: number, bytes: number): Promise<Preview> {
  const { openArrowFile } = await import('../../flow/kinds/arrow-file.ts');
  const file = await openArrowFile(path);
  const head: unknown[][] = [];
  let total = 0;
  const isCounted = bytes <= COUNTED_BYTES;
  for await (const batch of file.batches()) {
    for (let row = 0; row < batch.numRows && head.length < rows; row++) {
      head.push(file.schema.fields.map((_, c) => plain(batch.getChildAt(c)?.get(row))));
    }
    total += batch.numRows;
    if (!isCounted && head.length >= rows) break;
  }
  return {
    columns: file.schema.fields.map((f) => ({ name: f.name, type: String(f.type), nullable: f.nullable })),
    rows: isCounted ? total : undefined,
    head,
  };
}

export async function previewParquet(path: string, rows: number): Promise<Preview> {
  const { openParquetFile } = await import('../../data/files/parquet-file.ts');
  const file = await openParquetFile(path);
  const columns = file.columns.map(({ element: e }) => ({
    name: e.name,
    type: e.logical_type?.type ?? e.converted_type ?? e.type ?? 'nested',
    nullable: e.repetition_type !== 'REQUIRED',
  }));
  const records = await file.objects(0, rows);
  return { columns, rows: file.rows, head: records.map((r) => columns.map(({ name }) => plain(r[name]))) };
}

/** Converts a value for JSON: 64-bit integers become numbers, or text beyond 2^53; lists are cut. */
function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object') return value;
  const items = [...(value as Iterable<unknown>)];
  const shown: unknown[] = items.slice(0, SHOWN_ITEMS).map(plain);
  if (items.length > SHOWN_ITEMS) shown.push(`… ${items.length} in all`);
  return shown;
}
