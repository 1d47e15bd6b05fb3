/** Grid of bins that values are counted in, and the range of a bin in the order of floats. */
import { binOf, type ValueGrid } from '../../kernels/counts.ts';
import { valueOfKey } from './value-order.ts';

export { binOf, type ValueGrid } from '../../kernels/counts.ts';

/**
 * Number of bins for a number of pairs. For many pairs, counts take 1 MB and stay in a core's own cache. Fewer pairs can
 * have more bins, which distinguish more values; very few pairs do not need them.
 */
export function binsFor(pairs: number): number {
  if (pairs <= 1 << 16) return 1 << 16;
  return pairs <= 1 << 24 ? 1 << 20 : 1 << 18;
}

/** Returns the grid from `lo` to `hi`; with one value or none, bins have width 1. */
export function valueGrid(lo: number, hi: number, bins: number): ValueGrid {
  const scale = Math.fround(bins / (hi - lo));
  const usable = hi > lo && Number.isFinite(scale) && scale > 0;
  return { lo: Math.fround(Number.isFinite(lo) ? lo : 0), scale: usable ? scale : 1, bins };
}

/** Returns the lower edge of a bin, in units of the values, up to float rounding. */
export const binStart = ({ lo, scale }: ValueGrid, bin: number) => lo + bin / scale;

/** Keys of the least and the largest finite float. */
const LEAST_KEY = 0x00800000;
const LARGEST_KEY = 0xff7fffff;

/** Returns the first key whose value lies in `bin` or a later bin; one past the largest key if there is none. */
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

/** Runs of bins [from, to), ascending and disjoint. */
export type BinRanges = readonly (readonly [from: number, to: number])[];

/** Whether a bin is in one of the runs. */
export const inRanges = (ranges: BinRanges, bin: number): boolean =>
  ranges.some(([from, to]) => bin >= from && bin < to);

/** Merges ranges into runs of the same bins that ascend and do not touch. */
export function mergeRanges(ranges: BinRanges): BinRanges {
  const merged: [number, number][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
