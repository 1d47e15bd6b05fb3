/** Fast sort of positions by descending value. */

const DIGIT = 2048;

/** Sorter of rows of up to `capacity` values, with its scratch memory. */
export class DescendingOrder {
  readonly #keys: Uint32Array;
  readonly #singles: Float32Array;
  readonly #tally = new Uint32Array(3 * DIGIT);
  #order: Uint32Array;
  #next: Uint32Array;

  constructor(capacity: number) {
    this.#singles = new Float32Array(capacity);
    this.#keys = new Uint32Array(this.#singles.buffer);
    this.#order = new Uint32Array(capacity);
    this.#next = new Uint32Array(capacity);
  }

  /**
   * Returns the positions 0 … n − 1 in descending order of `values`, equal values in ascending position. Values must not be
   * negative or NaN. The next call overwrites the result.
   */
  sort(values: Float64Array, n: number): Uint32Array {
    this.#sortSingles(values, n);
    const order = this.#order;
    // Values with the same single-precision number are still in ascending position; few are out of place, and not far,
    // so an insertion sort is fast.
    for (let i = 1; i < n; i++) {
      const position = order[i];
      const value = values[position];
      let j = i;
      while (j > 0 && values[order[j - 1]] < value) {
        order[j] = order[j - 1];
        j--;
      }
      order[j] = position;
    }
    return order;
  }

  /**
   * Radix sort of the values rounded to single precision, whose bits, read as a whole number and complemented, ascend as
   * the values descend. Digits have 11, 11 and 10 bits, lowest first; a digit that all values share is skipped.
   */
  #sortSingles(values: Float64Array, n: number): void {
    const keys = this.#keys;
    const tally = this.#tally.fill(0);
    for (let i = 0; i < n; i++) {
      this.#singles[i] = values[i];
      const key = ~keys[i];
      keys[i] = key;
      tally[key & 2047]++;
      tally[DIGIT + ((key >>> 11) & 2047)]++;
      tally[2 * DIGIT + (key >>> 22)]++;
    }
    for (let i = 0; i < n; i++) this.#order[i] = i;
    for (let digit = 0; digit < 3; digit++) {
      const base = digit * DIGIT;
      const shift = digit * 11;
      if (n === 0 || tally[base + ((keys[0] >>> shift) & 2047)] === n) continue;
      let start = 0;
      for (let d = base; d < base + DIGIT; d++) {
        const count = tally[d];
        tally[d] = start;
        start += count;
      }
      const from = this.#order;
      const to = this.#next;
      for (let i = 0; i < n; i++) {
        const position = from[i];
        to[tally[base + ((keys[position] >>> shift) & 2047)]++] = position;
      }
      this.#order = to;
      this.#next = from;
    }
  }
}
