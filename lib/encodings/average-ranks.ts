/**
 * Ranks with ties averaged, for rows that are mostly zeros: zeros are one tied block at the low end, and
 * the ranks are shifted so that this block is at 0 and need not be stored.
 */
import { SmallCounts } from './small-counts.ts';

/** Ranks rows of up to `capacity` values; holds the scratch memory for it. */
export class AverageRanks {
  readonly #small = new SmallCounts();
  /** Rank of each small whole number of the row. */
  readonly #rankOf = new Float32Array(this.#small.tally.length);
  readonly #high: Float32Array;
  readonly #highRank: Float32Array;

  constructor(capacity: number) {
    this.#high = new Float32Array(capacity);
    this.#highRank = new Float32Array(capacity);
  }

  /**
   * Writes to `out` the shifted average ranks of the first `n` `values`, all positive and finite, in a row
   * that has `zeros` zeros besides. With ranks from 1, zeros share rank (zeros + 1)/2, and a block of t
   * equal values above b others shares zeros + b + (t + 1)/2; shifted, that is b + (zeros + t)/2: a multiple
   * of one half above 0, exact in single precision up to 8 million genes.
   */
  shifted(values: Float32Array, n: number, zeros: number, out: Float32Array): void {
    const highs = this.#small.take(values, n, this.#high);
    const { tally, highest, limit } = this.#small;
    const rankOf = this.#rankOf;
    let below = 0;
    for (let k = 1; k <= highest; k++) {
      const ties = tally[k];
      if (ties === 0) continue;
      rankOf[k] = below + (zeros + ties) / 2;
      below += ties;
      tally[k] = 0;
    }
    const high = this.#high.subarray(0, highs);
    if (highs > 0) this.#rankSorted(high.sort(), below, zeros);
    for (let i = 0; i < n; i++) {
      const v = values[i];
      out[i] = v < limit ? rankOf[v | 0] : this.#highRank[lowerBound(high, v)];
    }
  }

  /** Ranks of sorted values that stand above `below` others, one for the start of each block of ties. */
  #rankSorted(sorted: Float32Array, below: number, zeros: number): void {
    let start = 0;
    while (start < sorted.length) {
      let end = start + 1;
      while (end < sorted.length && sorted[end] === sorted[start]) end++;
      this.#highRank[start] = below + start + (zeros + end - start) / 2;
      start = end;
    }
  }
}

/** The first position in ascending `sorted` that is not below `value`. */
function lowerBound(sorted: Float32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
