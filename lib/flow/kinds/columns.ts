/** Columns of a table in memory, and the checks they must pass before they are written. */
import { dataError, type OperationalError } from '../../errors.ts';

/** Type of a table column. In a schema, a trailing `?` means that values may be missing. */
export type ColumnType = 'utf8' | 'bool' | 'int32' | 'int64' | 'float32' | 'float64';
/** Column names → types of a table, in column order. */
export type Schema = Readonly<Record<string, ColumnType | `${ColumnType}?`>>;

/**
 * Column in memory. A missing value is null in strings and booleans, and NaN in floats and in nullable integers, which are
 * therefore stored as Float64Array. int64 is stored as a Float64Array of safe integers.
 */
export type ColumnData<T> = T extends 'utf8'
  ? string[]
  : T extends 'utf8?'
    ? (string | null)[]
    : T extends 'bool'
      ? boolean[]
      : T extends 'bool?'
        ? (boolean | null)[]
        : T extends 'int32'
          ? Int32Array
          : T extends 'float32' | 'float32?'
            ? Float32Array
            : Float64Array;

/** Columns of a table by name, as declared by `Schema`; all have the same length. */
export type Columns<S extends Schema> = { [N in keyof S]: ColumnData<S[N]> };

export interface ColumnKind {
  readonly type: ColumnType;
  readonly nullable: boolean;
}

export function columnKind(declared: Schema[string]): ColumnKind {
  return declared.endsWith('?')
    ? { type: declared.slice(0, -1) as ColumnType, nullable: true }
    : { type: declared as ColumnType, nullable: false };
}

/** Column of any type, whose values may be missing (null or NaN). */
export type AnyColumn = ArrayLike<string | boolean | number | null> & {
  slice(start: number, end: number): AnyColumn;
};

/** Whether a value is missing: null in strings and booleans, NaN in numbers. */
export const isMissing = (value: unknown): boolean => value === null || Number.isNaN(value);

/**
 * Checks columns against their schema and returns the number of rows. A failure is a bug of the stage that writes, so it
 * throws a plain Error, with column and row (zero-based).
 */
export function checkColumns<S extends Schema>(schema: S, columns: Columns<S>): number {
  const names = Object.keys(schema);
  const given = columns as Record<string, AnyColumn | undefined>;
  for (const name of Object.keys(columns)) {
    if (!(name in schema)) throw new Error(`column "${name}" is not in the schema (${names.join(', ')})`);
  }
  let rows = -1;
  for (const name of names) {
    const column = given[name];
    if (column === undefined) throw new Error(`column "${name}" is missing`);
    if (rows === -1) rows = column.length;
    if (column.length !== rows) {
      throw new Error(`column "${name}" has ${column.length} rows, column "${names[0]}" has ${rows}`);
    }
    checkColumn(name, columnKind(schema[name]), column);
  }
  return Math.max(rows, 0);
}

function checkColumn(name: string, kind: ColumnKind, column: AnyColumn): void {
  const { type, nullable } = kind;
  const check = VALUE_CHECKS[type];
  for (let i = 0; i < column.length; i++) {
    const value = column[i];
    if (isMissing(value)) {
      if (nullable && (value === null) === (type === 'utf8' || type === 'bool')) continue;
      const found = value === null ? 'null' : 'NaN';
      throw new Error(
        `column "${name}", row ${i}: ${found} in a column of type ${type}${nullable ? '?' : ''}`,
      );
    }
    if (!check(value)) {
      throw new Error(`column "${name}", row ${i}: ${shown(value)} in a column of type ${type}`);
    }
  }
}

const shown = (value: unknown) =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);

const VALUE_CHECKS: Record<ColumnType, (value: unknown) => boolean> = {
  utf8: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  int32: (value) => typeof value === 'number' && (value | 0) === value,
  int64: (value) => Number.isSafeInteger(value),
  float32: (value) => Number.isFinite(Math.fround(value as number)),
  float64: (value) => Number.isFinite(value),
};

/** Data error for a file with nulls in a column that its reader declares as not nullable. */
export const missingValues = (name: string, count: number, path: string): OperationalError =>
  dataError(`column "${name}" has ${count} missing values`, { where: path, expected: 'none' });
