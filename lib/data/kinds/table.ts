/** Tables of named, typed columns as Arrow files: written and read whole. */
import type { Kind } from '../../flow/stage.ts';
import { createArrowFile, loadArrow, openArrowFile, TABLE_BATCH_ROWS } from '../files/arrow-file.ts';
import { arrowType, columnData, emptyColumn, findFields, readColumn } from './arrow-columns.ts';
import { type AnyColumn, checkColumns, columnKind, missingValues } from './columns.ts';
import type { Columns, Schema, TableInput, TableOutput } from './types.ts';

/** `table({ cell_id: 'utf8', label: 'utf8?' })`: columns in this order; `?` where values may be missing. */
export function table<const S extends Schema>(schema: S): Kind<'table', TableInput<S>, TableOutput<S>> {
  return {
    name: 'table',
    input: (path) => ({ kind: 'table', read: () => readTable(path, schema) }),
    output: (path) => ({ write: (columns) => writeTable(path, schema, columns) }),
  };
}

export async function writeTable<S extends Schema>(
  path: string,
  schema: S,
  columns: Columns<S>,
): Promise<void> {
  const rows = checkColumns(schema, columns);
  const arrow = await loadArrow();
  const kinds = Object.entries(schema).map(([name, declared]) => ({ name, kind: columnKind(declared) }));
  const fields = kinds.map(
    ({ name, kind }) => new arrow.Field(name, arrowType(arrow, kind.type), kind.nullable),
  );
  const file = await createArrowFile(path, fields);
  for (let start = 0; start < rows; start += TABLE_BATCH_ROWS) {
    const end = Math.min(start + TABLE_BATCH_ROWS, rows);
    const block = kinds.map(({ name, kind }) =>
      columnData(arrow, kind, (columns as Record<string, AnyColumn>)[name].slice(start, end)),
    );
    await file.write(end - start, block);
  }
  await file.close();
}

/** Reads the columns of `schema`; the file may have more. Errors: a column is absent or of another type. */
export async function readTable<S extends Schema>(path: string, schema: S): Promise<Columns<S>> {
  const arrow = await loadArrow();
  const file = await openArrowFile(path);
  const kinds = Object.entries(schema).map(([name, declared]) => ({ name, kind: columnKind(declared) }));
  const at = findFields(
    file.schema,
    kinds.map(({ name, kind }) => ({ name, type: String(arrowType(arrow, kind.type)) })),
    path,
  );
  const batches = [];
  let rows = 0;
  for await (const batch of file.batches()) {
    batches.push(batch);
    rows += batch.numRows;
  }
  const columns: Record<string, unknown> = {};
  for (const [c, { name, kind }] of kinds.entries()) {
    const column = emptyColumn(kind, rows);
    let start = 0;
    for (const batch of batches) {
      const data = batch.data.children[at[c]];
      if (!kind.nullable && data.nullCount > 0) throw missingValues(name, data.nullCount, path);
      readColumn(kind, data, column, start);
      start += batch.numRows;
    }
    columns[name] = column;
  }
  return columns as Columns<S>;
}
