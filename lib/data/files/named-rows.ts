/** Rows of numbers, each with a name. */
export interface NamedRows {
  readonly ids: string[];
  /** Column that the ids come from. */
  readonly idColumn: string;
  readonly columns: string[];
  /** Columns that are neither id nor numbers. */
  readonly ignored: string[];
  /** Row-major, ids.length × columns.length; NaN where a value is missing. */
  readonly values: Float32Array;
}
