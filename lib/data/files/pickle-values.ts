/** Values that a pickle holds. */

export type PickleKey = string | number | boolean | null;

/** Value of plain data. Tuples come as lists. A list or dictionary may contain itself, so recursion must be bounded. */
export type PickleValue = PickleKey | Uint8Array | PickleArray | PickleValue[] | Map<PickleKey, PickleValue>;

/** Item on the machine's stack. */
export type Item = PickleValue | NumpyObject;

/** Array of numbers, in C order. */
export class PickleArray {
  readonly shape: readonly number[];
  readonly values: Float64Array;

  constructor(shape: readonly number[], values: Float64Array) {
    this.shape = shape;
    this.values = values;
  }
}

/** NumPy function or class by name, or an object half made. Never part of a result. */
export class NumpyObject {
  readonly what:
    | 'dtype'
    | 'scalar'
    | 'reconstruct'
    | 'ndarray'
    | 'frombuffer'
    | 'encode'
    | 'a type'
    | 'an array';
  /** Type of 'a type', such as '<f8'. */
  readonly type: string;
  /** Finished object, once the state was set. */
  became?: Item;

  constructor(what: NumpyObject['what'], type = '') {
    this.what = what;
    this.type = type;
  }
}
