/** The grid of bins that values are counted in, and what a bin is in the order of floats. */
import { binOf, type ValueGrid } from '../../kernels/counts.ts';
import { valueOfKey } from './value-order.ts';

export { binOf, type ValueGrid } from '../../kernels/counts.ts';

/**
 * Bins for so many pairs. Of many pairs, counts take 1 MB and stay in a core's own cache; fewer pairs can have more
 * bins, which tell more values apart, and very few need none.
 */
export function binsFor(pairs: number): number {
  if (pairs <= 1 << 16) return 1 << 16;
  return pairs <= 1 << 24 ? 1 << 20 : 1 << 18;
}

/** A grid from `lo` to `hi`; of any size if there is one value, or none. */
export function valueGrid(lo: number, hi: number, bins: number): ValueGrid {
  const scale = Math.fround(bins / (hi - lo));
  const usable = hi > lo && Number.isFinite(scale) && scale > 0;
  return { lo: Math.fround(Number.isFinite(lo) ? lo : 0), scale: usable ? scale : 1, bins };
}

/** Where a bin begins, in units of the values; as close as floats are. */
export const binStart = ({ lo, scale }: ValueGrid, bin: number) => lo + bin / scale;

/** Keys of the least and the largest finite float. */
const LEAST_KEY = 0x00800000;
const LARGEST_KEY = 0xff7fffff;

/** The first key whose value lies in `bin` or a later one; one past the largest if there is none. */
export function firstKeyOf(grid: ValueGrid, bin: number): number {
  let low = LEAST_KEY;
  let high = LARGEST_KEY + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (binOf(grid, valueOfKey(middle)) >= bin) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Runs of bins [from, to), ascending and apart. */
export type BinRanges = readonly (readonly [from: number, to: number])[];

/** Whether a bin is in one of the runs. */
export const inRanges = (ranges: BinRanges, bin: number): boolean =>
  ranges.some(([from, to]) => bin >= from && bin < to);

/** The same bins as runs that are ascending and apart. */
export function mergeRanges(ranges: BinRanges): BinRanges {
  const merged: [number, number][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
