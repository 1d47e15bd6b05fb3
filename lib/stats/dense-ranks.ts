/** Dense ranks of rows of values, by descending value, and the number of tied pairs. */
import { DescendingOrder } from './descending-order.ts';

/**
 * Relative tolerance for equal values: quotients that are equal as fractions may differ in their last bits as floats. The
 * tolerance is far above rounding errors, and far below the differences of quotients of counts.
 */
const EQUAL = 1e-12;

/** Grouping of equal values in rows of up to `capacity` values, none negative, with its scratch memory. */
export class DenseRanks {
  /** Dense rank of each value of the last row: the number of distinct values above it. */
  readonly codes: Int32Array;
  /** Positions of the last row by descending value. */
  order: Uint32Array = new Uint32Array(0);
  /** Start of each group of equal values in `order`, and the number of values after the last. */
  readonly starts: Int32Array;
  groups = 0;
  readonly #sorter: DescendingOrder;

  constructor(capacity: number) {
    this.codes = new Int32Array(capacity);
    this.starts = new Int32Array(capacity + 1);
    this.#sorter = new DescendingOrder(capacity);
  }

  /** Groups the first `n` values. The next call overwrites the result. */
  group(values: Float64Array, n: number): void {
    this.order = this.#sorter.sort(values, n);
    let groups = 0;
    let last = 0;
    for (let i = 0; i < n; i++) {
      const value = values[this.order[i]];
      if (i === 0 || last - value > last * EQUAL) this.starts[groups++] = i;
      this.codes[this.order[i]] = groups - 1;
      last = value;
    }
    this.starts[groups] = n;
    this.groups = groups;
  }

  /**
   * Writes the average ranks of the last row, which had `n` values, by descending value, minus their mean and doubled, to
   * `out` from 0 on.
   *
   * @returns the part of `out` that was written
   */
  centred(out: Float64Array, n: number): Float64Array {
    for (let i = 0; i < n; i++) {
      const group = this.codes[i];
      out[i] = this.starts[group] + this.starts[group + 1] - n;
    }
    return out.subarray(0, n);
  }

  /** Number of ordered pairs of equal values: Σ (t² − t) over groups of t. */
  tiedPairs(): number {
    let tied = 0;
    for (let g = 0; g < this.groups; g++) {
      const t = this.starts[g + 1] - this.starts[g];
      tied += t * t - t;
    }
    return tied;
  }
}

/** Share of the pairs of `n` values that are equal; NaN for fewer than two. */
export function tieMass(tiedPairs: number, n: number): number {
  return n < 2 ? Number.NaN : tiedPairs / (n * n - n);
}
