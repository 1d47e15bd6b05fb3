/** What a pickle holds. */

export type PickleKey = string | number | boolean | null;

/** Tuples come as lists. A list or dictionary may hold itself: who walks deep must count. */
export type PickleValue = PickleKey | Uint8Array | PickleArray | PickleValue[] | Map<PickleKey, PickleValue>;

/** Whatever may lie on the stack. */
export type Item = PickleValue | NumpyObject;

/** An array of numbers, in C order. */
export class PickleArray {
  readonly shape: readonly number[];
  readonly values: Float64Array;

  constructor(shape: readonly number[], values: Float64Array) {
    this.shape = shape;
    this.values = values;
  }
}

/** A function or class by name, or an object half made. Never part of a result. */
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
  /** Of 'a type': such as '<f8'. */
  readonly type: string;
  /** What it is now that its state was set. */
  became?: Item;

  constructor(what: NumpyObject['what'], type = '') {
    this.what = what;
    this.type = type;
  }
}
