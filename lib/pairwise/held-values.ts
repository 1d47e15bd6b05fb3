/** The values of a set of pairs that lie where its quantiles are expected. */
import { oneRow, ValueCounter } from '../kernels/counts.ts';
import { type BinRanges, binOf, type ValueGrid } from './value-grid.ts';

/** More would not be held but counted, in a pass of their own: there are ties, or the pairs are very many. */
const MOST = 1 << 22;

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

  constructor(ranges: BinRanges) {
    this.ranges = ranges;
  }

  add(values: Float32Array): void {
    if (this.#tooMany) return;
    const n = this.#n + values.length;
    if (n > MOST) {
      this.#tooMany = true;
      this.#values = new Float32Array(0);
      return;
    }
    if (n > this.#values.length) {
      const longer = new Float32Array(Math.min(MOST, Math.max(n, 2 * this.#values.length)));
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
    if (spare.length < MOST_SPARE && this.#values.length <= LARGEST_SPARE) spare.push(this.#values);
    this.#values = new Float32Array(0);
    this.#tooMany = true;
    return taken;
  }
}

/** The values of each of these bins, ascending. */
export async function valuesOfBins(
  grid: ValueGrid,
  parts: readonly Float32Array[],
  bins: readonly number[],
): Promise<Map<number, Float32Array>> {
  const found = new Map(bins.map((bin) => [bin, [] as number[]]));
  const counter = await ValueCounter.create(grid, 0);
  for (const bin of bins) counter.mark(0, bin, bin + 1);
  for (const values of parts) {
    counter.load(oneRow(values));
    counter.gather(0);
    for (const value of counter.sift(0)) found.get(binOf(grid, value))!.push(value);
  }
  return new Map([...found].map(([bin, values]) => [bin, Float32Array.from(values).sort()]));
}
