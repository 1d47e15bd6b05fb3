/** Stacking of tables of the same columns, one below the other. */
import type { AnyColumn } from '../../flow/kinds/columns.ts';
import type { Columns, Schema } from '../kinds/types.ts';

/** Table with the texts that stand before each of its rows, one per key column. */
export interface KeyedTable<S extends Schema> {
  readonly keys: readonly string[];
  readonly columns: Columns<S>;
}

/**
 * Stacks tables: the rows of the first one come first.
 *
 * @param names the columns of keys, in order; they come before those of `schema`
 */
export function stackTables<const S extends Schema, const N extends string>(
  schema: S,
  tables: readonly KeyedTable<S>[],
  names: readonly N[],
): Columns<S & Record<N, 'utf8'>> {
  const rowsOf = (columns: Columns<S>) => (Object.values(columns)[0] as AnyColumn).length;
  const stacked: Record<string, unknown> = {};
  for (const [k, name] of names.entries()) {
    stacked[name] = tables.flatMap(({ keys, columns }) => new Array<string>(rowsOf(columns)).fill(keys[k]));
  }
  for (const [column, type] of Object.entries(schema)) {
    stacked[column] = stackColumn(
      type,
      tables.map(({ columns }) => (columns as Record<string, AnyColumn>)[column]),
    );
  }
  return stacked as Columns<S & Record<N, 'utf8'>>;
}

/** Stacks parts of a column in the array type of that column (see ColumnData). */
function stackColumn(type: Schema[string], parts: readonly AnyColumn[]): unknown {
  if (/^(utf8|bool)/.test(type)) return parts.flatMap((part) => part as unknown[]);
  const rows = parts.reduce((sum, { length }) => sum + length, 0);
  const Numbers = type === 'int32' ? Int32Array : type.startsWith('float32') ? Float32Array : Float64Array;
  const numbers = new Numbers(rows);
  let at = 0;
  for (const part of parts) {
    numbers.set(part as ArrayLike<number>, at);
    at += part.length;
  }
  return numbers;
}
