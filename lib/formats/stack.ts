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
    stacked[column] = /^(utf8|bool)/.test(type)
      ? parts
      : type === 'int32'
        ? Int32Array.from(parts as number[])
        : Float64Array.from(parts as number[]);
  }
  return stacked as Columns<S & Record<N, 'utf8'>>;
}
