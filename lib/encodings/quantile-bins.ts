/**
 * Bins of equal share of one cell's values, as scGPT makes them: edges at the quantiles of `numpy.quantile` (linear),
 * values placed as `numpy.digitize` does. Follows numpy's arithmetic step by step, since a last bit of an edge
 * decides on which side of it an equal value falls.
 */
import { SmallCounts } from './small-counts.ts';

/** Binner for rows of up to `capacity` values; holds the scratch memory for it. */
export class QuantileBins {
  /** Edges of the last row. */
  readonly edges: Float64Array;
  readonly #small = new SmallCounts();
  /** Level of each small whole number of the row. */
  readonly #levelOf = new Uint16Array(this.#small.tally.length);
  readonly #high: Float64Array;
  #highs: Float64Array = new Float64Array(0);
  /** Values of the last row in ascending order, each once; `#upTo` is how many are not above each. */
  readonly #distinct: Float64Array;
  readonly #upTo: Uint32Array;
  readonly #left: Uint16Array;
  readonly #right: Uint16Array;
  #firstHigh = 0;
  #levels = 0;

  /** @param count number of edges, at least 2 */
  constructor(count: number, capacity: number) {
    this.edges = new Float64Array(count);
    this.#high = new Float64Array(capacity);
    this.#distinct = new Float64Array(capacity);
    this.#upTo = new Uint32Array(capacity);
    this.#left = new Uint16Array(capacity);
    this.#right = new Uint16Array(capacity);
  }

  /** Makes the edges for the first `n` `values`, all positive; n from 1. */
  fit(values: Float64Array, n: number): void {
    this.#sort(values, n);
    this.#makeEdges(n);
    const { edges } = this;
    let left = 0;
    let right = 0;
    for (let i = 0; i < this.#levels; i++) {
      const value = this.#distinct[i];
      while (left < edges.length && edges[left] <= value) left++;
      while (right < edges.length && edges[right] < value) right++;
      this.#left[i] = left;
      this.#right[i] = right;
      if (i < this.#firstHigh) this.#levelOf[value] = i;
    }
  }

  /** Writes, for each of the row's values, how many edges are not above it (`left`), and how many are below it (`right`). */
  place(values: Float64Array, n: number, left: Uint16Array, right: Uint16Array): void {
    const levelOf = this.#levelOf;
    const lefts = this.#left;
    const rights = this.#right;
    const { limit } = this.#small;
    for (let i = 0; i < n; i++) {
      const value = values[i];
      const level = value < limit ? levelOf[value | 0] : this.#find(value);
      left[i] = lefts[level];
      right[i] = rights[level];
    }
  }

  /** Sorts the row into levels: small whole numbers by counting, others by sorting; a single fraction, and all are sorted. */
  #sort(values: Float64Array, n: number): void {
    const highs = this.#small.take(values, n, this.#high);
    const { tally, highest } = this.#small;
    let levels = 0;
    let upTo = 0;
    for (let value = 1; value <= highest; value++) {
      if (tally[value] === 0) continue;
      upTo += tally[value];
      tally[value] = 0;
      this.#distinct[levels] = value;
      this.#upTo[levels++] = upTo;
    }
    this.#firstHigh = levels;
    this.#highs = this.#high.subarray(0, highs).sort();
    for (let i = 0; i < highs; i++) {
      upTo++;
      if (i + 1 < highs && this.#highs[i + 1] === this.#highs[i]) continue;
      this.#distinct[levels] = this.#highs[i];
      this.#upTo[levels++] = upTo;
    }
    this.#levels = levels;
  }

  #makeEdges(n: number): void {
    const { edges } = this;
    const last = edges.length - 1;
    // numpy.linspace(0, 1, count): multiples of a rounded step, and 1 at the end.
    const step = 1 / last;
    let low = 0;
    let high = 0;
    for (let i = 0; i <= last; i++) {
      const at = (n - 1) * (i === last ? 1 : i * step);
      const before = Math.floor(at);
      while (this.#upTo[low] <= before) low++;
      const a = this.#distinct[low];
      if (before >= n - 1) {
        edges[i] = a;
        continue;
      }
      while (this.#upTo[high] <= before + 1) high++;
      const b = this.#distinct[high];
      const t = at - before;
      edges[i] = t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
    }
  }

  #find(value: number): number {
    let low = this.#firstHigh;
    let high = this.#levels;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#distinct[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
