/**
 * Kind of a table of named, typed columns, stored as an Arrow IPC file (Feather V2, which pandas, polars and R read). Tables
 * are written and read whole. apache-arrow is imported when a table is read or written, not when a stage declares one.
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

/** Table as an input of a stage. */
export interface TableInput<S extends Schema = Schema> {
  readonly kind: 'table';
  /** Reads the columns of `S`. Throws a data error for an absent column, another type, or undeclared missing values. */
  read(): Promise<Columns<S>>;
}

/** Table as an output of a stage. */
export interface TableOutput<S extends Schema = Schema> {
  /** Writes columns of equal length. Throws for a missing value in a column without `?`; in a float column that is NaN. */
  write(columns: Columns<S>): Promise<void>;
}

/** Kind of a table. `table({ id: 'utf8', label: 'utf8?' })` has these columns in this order; `?` allows missing values. */
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

/**
 * Reads the columns of `schema`; the file may have more. Throws a data error for a column that is absent, of another type,
 * or has missing values although it is not nullable.
 */
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
