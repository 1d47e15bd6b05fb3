/** Tables of the same columns, one below the other. */
import type { AnyColumn } from './columns.ts';
import type { Columns, Schema } from './types.ts';

/** @returns the columns of `schema`, rows of the first table first; `name` is what each table is called in that column */
export function stackTables<const S extends Schema, const N extends string>(
  schema: S,
  tables: readonly { readonly name: string; readonly columns: Columns<S> }[],
  name: N,
): Columns<S & Record<N, 'utf8'>> {
  const rowsOf = (columns: Columns<S>) => (Object.values(columns)[0] as AnyColumn).length;
  const stacked: Record<string, unknown> = {
    [name]: tables.flatMap((table) => new Array<string>(rowsOf(table.columns)).fill(table.name)),
  };
  for (const [column, type] of Object.entries(schema)) {
    const parts = tables.flatMap(({ columns }) => Array.from((columns as Record<string, AnyColumn>)[column]));
    stacked[column] = asColumn(type, parts);
  }
  return stacked as Columns<S & Record<N, 'utf8'>>;
}

/** Values in the array that a column of this type is held in (see ColumnData). */
function asColumn(type: Schema[string], values: readonly unknown[]): unknown {
  if (/^(utf8|bool)/.test(type)) return values;
  if (type === 'int32') return Int32Array.from(values as number[]);
  return type.startsWith('float32')
    ? Float32Array.from(values as number[])
    : Float64Array.from(values as number[]);
}
