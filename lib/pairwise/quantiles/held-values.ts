/** The values of a set of pairs that lie where its quantiles are expected. */
import type { BinRanges } from './value-grid.ts';

/**
 * More would not be held but counted, in a pass of their own: there are ties, or the pairs are very many. So one part
 * hands on at most 8 MB a set of pairs, whatever the cells.
 */
export const MOST_HELD = 1 << 21;

/** Room that parts before have left to this thread: made anew for each, it would be most of what there is to collect. */
const spare: Float32Array[] = [];
const MOST_SPARE = 2;
const LARGEST_SPARE = 1 << 20;

/** Collects values of the bins of `ranges`. */
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

  /** What was collected, in the order of collection. Null if they were too many. */
  values(): Float32Array | null {
    return this.#tooMany ? null : this.#values.subarray(0, this.#n);
  }

  /** As `values`, a copy; the room is left to others, and nothing can be added. */
  take(): Float32Array | null {
    const taken = this.values()?.slice() ?? null;
    this.release();
    return taken;
  }

  /** Leaves the room to others: what `values` gave is void, and nothing can be added. */
  release(): void {
    if (spare.length < MOST_SPARE && this.#values.length <= LARGEST_SPARE) spare.push(this.#values);
    this.#values = new Float32Array(0);
    this.#tooMany = true;
  }
}
