/** Values of a set of pairs in the bins where its quantiles are expected. */
import type { BinRanges } from './value-grid.ts';

/**
 * Largest number of values held of a set. Beyond, there are ties or very many pairs, and a refinement counts the values
 * instead. One part thus returns at most 8 MB per set of pairs, whatever the number of cells.
 */
export const MOST_HELD = 1 << 21;

/** Buffers released by earlier parts on this thread. Allocating them anew would be most of the garbage to collect. */
const spare: Float32Array[] = [];
const MOST_SPARE = 2;
const LARGEST_SPARE = 1 << 20;

/** Collection of the values of the bins of `ranges`, with a limit. */
export class HeldValues {
  readonly ranges: BinRanges;
  #values = spare.pop() ?? new Float32Array(1024);
  #n = 0;
  #tooMany = false;
  readonly #most: number;

  constructor(ranges: BinRanges, most = MOST_HELD) {
    this.ranges = ranges;
    this.#most = most;
  }

  add(values: Float32Array): void {
    if (this.#tooMany) return;
    const n = this.#n + values.length;
    if (n > this.#most) {
      this.#tooMany = true;
      this.#values = new Float32Array(0);
      return;
    }
    if (n > this.#values.length) {
      const longer = new Float32Array(Math.min(this.#most, Math.max(n, 2 * this.#values.length)));
      longer.set(this.#values.subarray(0, this.#n));
      this.#values = longer;
    }
    this.#values.set(values, this.#n);
    this.#n = n;
  }

  /** Returns a view of the collected values, in the order of collection; null if they were too many. */
  values(): Float32Array | null {
    return this.#tooMany ? null : this.#values.subarray(0, this.#n);
  }

  /** Returns a copy of the collected values, null if they were too many, and releases the buffer: see `release`. */
  take(): Float32Array | null {
    const taken = this.values()?.slice() ?? null;
    this.release();
    return taken;
  }

  /** Returns the buffer to the spares. Views from `values` become invalid, and nothing more can be added. */
  release(): void {
    if (spare.length < MOST_SPARE && this.#values.length <= LARGEST_SPARE) spare.push(this.#values);
    this.#values = new Float32Array(0);
    this.#tooMany = true;
  }
}
