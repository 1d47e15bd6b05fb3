/**
 * Tables of named, typed columns as Arrow IPC files (Feather V2, which pandas, polars and R read): written and read whole.
 * apache-arrow is imported when a table is read or written, not when a stage declares one.
 */
import type { Kind } from '../stage.ts';
import { arrowType, columnData, emptyColumn, findFields, readColumn } from './arrow-columns.ts';
import { createArrowFile, loadArrow, openArrowFile, TABLE_BATCH_ROWS } from './arrow-file.ts';
import {
  type AnyColumn,
  type Columns,
  checkColumns,
  columnKind,
  missingValues,
  type Schema,
} from './columns.ts';

/** A table as a stage reads it. */
export interface TableInput<S extends Schema = Schema> {
  readonly kind: 'table';
  /** Throws a data error for a column that is absent or of another type, or has missing values where `S` says none. */
  read(): Promise<Columns<S>>;
}

/** A table as a stage writes it. */
export interface TableOutput<S extends Schema = Schema> {
  /** All columns have the same length; NaN in a float column without `?` is an error. */
  write(columns: Columns<S>): Promise<void>;
}

/** The kind of a table: `table({ id: 'utf8', label: 'utf8?' })` has these columns in this order; `?` where values may be missing. */
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
async function readTable<S extends Schema>(path: string, schema: S): Promise<Columns<S>> {
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
