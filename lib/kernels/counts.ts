/** Typed front of the counting kernels (assembly/counts.ts): values go in, histograms and chosen values come out. */
import { type Address, instantiateKernel, KernelMemory } from './memory.ts';

/** A grid of equal bins, as plain data: bin 0 begins at `lo`; what lies outside is counted in the first or last. */
export type ValueGrid = {
  readonly lo: number;
  /** Bins per unit. Both numbers are 32-bit floats. */
  readonly scale: number;
  readonly bins: number;
};

type Exports = WebAssembly.Exports & {
  readonly memory: WebAssembly.Memory;
  count(
    values: Address,
    n: number,
    lo: number,
    scale: number,
    last: number,
    counts: Address,
    moments: Address,
  ): void;
  gather(
    values: Address,
    n: number,
    lo: number,
    scale: number,
    last: number,
    marks: Address,
    out: Address,
  ): number;
  settle(
    counts: Address,
    from: number,
    to: number,
    total: Address,
    ranks: Address,
    n: number,
    found: Address,
  ): void;
};

/** Most ranks that can be sought at once. */
const MOST_RANKS = 16;
/** Bins that `settle` goes through at once. */
const STEP = 16;
/** The mark of a bin whose values are gathered. */
const MARK = 4;

/** Counts values over one grid: several histograms, and one set of marked bins. */
export class ValueCounter {
  readonly grid: ValueGrid;
  readonly #exports: Exports;
  readonly #memory: KernelMemory;
  readonly #histograms: readonly Address[];
  readonly #marks: Address;
  readonly #scratch: Address;
  #values: Address = 0;
  #gathered: Address = 0;
  #capacity = 0;

  static async create(grid: ValueGrid, histograms: number): Promise<ValueCounter> {
    const url = new URL('./counts.wasm', import.meta.url);
    return new ValueCounter((await instantiateKernel(url)) as Exports, grid, histograms);
  }

  private constructor(exports: Exports, grid: ValueGrid, histograms: number) {
    this.grid = grid;
    this.#exports = exports;
    this.#memory = new KernelMemory(exports.memory);
    this.#scratch = this.#memory.allocate(64 + (MOST_RANKS + 1) * 4 + MOST_RANKS * 8);
    this.#marks = this.#memory.allocate(grid.bins);
    this.#histograms = Array.from({ length: histograms }, () =>
      this.#memory.allocate(Math.ceil(grid.bins / STEP) * STEP * 4),
    );
  }

  /** Room for `n` values, to be written before the next call of anything else. */
  room(n: number): Float32Array {
    if (n > this.#capacity) {
      this.#capacity = Math.max(n, 2 * this.#capacity, 1 << 12);
      // A few more: kernels read four at a time.
      this.#values = this.#memory.allocate((this.#capacity + 4) * 4);
      this.#gathered = this.#memory.allocate((this.#capacity + 4) * 4);
    }
    return this.#memory.float32(this.#values, n);
  }

  /** The first `n` of the values written last. */
  values(n: number): Float32Array {
    return this.#memory.float32(this.#values, n);
  }

  /** Adds the first `n` values to a histogram; n must be above 0. */
  count(n: number, histogram: number): { sum: number; min: number; max: number } {
    const { lo, scale, bins } = this.grid;
    const values = this.#memory.float32(this.#values, n);
    const whole = n - (n % 4);
    let [sum, min, max] = [0, values[0], values[0]];
    if (whole > 0) {
      const at = this.#histograms[histogram];
      this.#exports.count(this.#values, whole, lo, scale, bins - 1, at, this.#scratch);
      for (const lane of this.#memory.float64(this.#scratch, 4)) sum += lane;
      const ends = this.#memory.float32(this.#scratch + 32, 8);
      min = Math.min(ends[0], ends[1], ends[2], ends[3]);
      max = Math.max(ends[4], ends[5], ends[6], ends[7]);
    }
    const counts = this.counts(histogram);
    for (let i = whole; i < n; i++) {
      counts[binOf(this.grid, values[i])]++;
      sum += values[i];
      min = Math.min(min, values[i]);
      max = Math.max(max, values[i]);
    }
    return { sum, min, max };
  }

  /** The counts of a histogram: a view, void after `room`. */
  counts(histogram: number): Uint32Array {
    return this.#memory.uint32(this.#histograms[histogram], this.grid.bins);
  }

  /**
   * Moves the counts of one histogram, which lie in bins [from, to), to another.
   *
   * @returns of each of the ascending `ranks` the bin, and how many values lie in bins before it
   */
  settle(
    histogram: number,
    [from, to]: readonly [number, number],
    total: number,
    ranks: readonly number[],
  ): { bin: number; below: number }[] {
    const wanted = this.#scratch + 64;
    const found = wanted + (MOST_RANKS + 1) * 4;
    this.#memory.uint32(wanted, ranks.length).set(ranks);
    const [counts, sums] = [this.#histograms[histogram], this.#histograms[total]];
    const [first, end] = [from - (from % STEP), Math.ceil(to / STEP) * STEP];
    this.#exports.settle(counts, first, end, sums, wanted, ranks.length, found);
    const pairs = this.#memory.uint32(found, ranks.length * 2);
    return ranks.map((_, i) => ({ bin: pairs[2 * i], below: pairs[2 * i + 1] }));
  }

  /** Marks bins [from, to) for `gather`, or takes the marks away. */
  mark(from: number, to: number, marked = true): void {
    this.#memory.uint8(this.#marks + from, to - from).fill(marked ? MARK : 0);
  }

  /** Those of the first `n` values that lie in marked bins, in their order. A view, void after `room`. */
  gather(n: number): Float32Array {
    const { lo, scale, bins } = this.grid;

    const whole = n - (n % 4);
    let found = this.#exports.gather(this.#values, whole, lo, scale, bins - 1, this.#marks, this.#gathered);
    const values = this.#memory.float32(this.#values, n);
    const gathered = this.#memory.float32(this.#gathered, n);
    const marks = this.#memory.uint8(this.#marks, bins);
    for (let i = whole; i < n; i++) {
      if (marks[binOf(this.grid, values[i])] !== 0) gathered[found++] = values[i];
    }
    return gathered.subarray(0, found);
  }
}

/** The bin of a value, as the kernels have it. */
export function binOf({ lo, scale, bins }: ValueGrid, value: number): number {
  const place = Math.fround(Math.fround(value - lo) * scale);
  return place >= bins ? bins - 1 : place > 0 ? Math.trunc(place) : 0;
}
