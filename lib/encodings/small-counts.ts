/**
 * Tallies the values of a row that are small whole numbers, which puts them in order without a sort. The few counts above
 * them are left to be sorted.
 */

/** Bound of the tally: whole numbers below it are tallied. */
const COUNTED = 1024;

export class SmallCounts {
  /** Occurrences of each number in the last row; the reader sets them back to 0. */
  readonly tally = new Uint32Array(COUNTED);
  /** Largest number that was tallied; 0 if none was. */
  highest = 0;
  /** Bound below which values were tallied: all that are small, or none if there was a fraction. */
  limit = 0;

  /**
   * Tallies what it can of the first `n` `values`, all positive, and writes the others to `rest`, in their order.
   *
   * @returns how many were not tallied
   */
  take<T extends Float32Array | Float64Array>(values: T, n: number, rest: T): number {
    const { tally } = this;
    let limit = COUNTED;
    for (let i = 0; i < n; i++) {
      // Whole numbers and others would interleave, so one fraction sends the whole row to be sorted.
      if (values[i] < COUNTED && (values[i] | 0) !== values[i]) limit = 0;
    }
    let highest = 0;
    let left = 0;
    for (let i = 0; i < n; i++) {
      const value = values[i];
      if (value < limit) {
        tally[value | 0]++;
        if (value > highest) highest = value | 0;
      } else {
        rest[left++] = value;
      }
    }
    this.highest = highest;
    this.limit = limit;
    return left;
  }
}
