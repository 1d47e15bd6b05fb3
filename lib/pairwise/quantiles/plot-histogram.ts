/** Histogram for plots, from the counts of a fine grid. */
import type { Distribution } from '../../data/results/tables.ts';
import { binStart, type ValueGrid } from './value-grid.ts';

/** Number of bins of the histogram for plots. */
const PLOT_BINS = 100;

/**
 * Returns a histogram of bins of nearly equal width, each of whole bins of the grid, from the least to the largest value.
 * With a single value the histogram spans half a unit on both sides of it; without values it spans 0 … 1.
 */
export function plotHistogram(
  grid: ValueGrid,
  within: Float64Array,
  between: Float64Array,
  [min, max]: readonly [min: number, max: number],
): Distribution['histogram'] {
  let first = 0;
  while (first < grid.bins && within[first] + between[first] === 0) first++;
  let end = grid.bins;
  while (end > first && within[end - 1] + between[end - 1] === 0) end--;
  const equal = (from: number, to: number) =>
    Array.from({ length: PLOT_BINS + 1 }, (_, i) =>
      i === PLOT_BINS ? to : from + ((to - from) * i) / PLOT_BINS,
    );
  const add = (counts: Float64Array, bounds: readonly number[]) =>
    Array.from({ length: PLOT_BINS }, (_, i) => {
      let n = 0;
      for (let bin = bounds[i]; bin < bounds[i + 1]; bin++) n += counts[bin];
      return n;
    });
  if (end - first >= PLOT_BINS && min < max) {
    const bounds = equal(first, end).map(Math.round);
    const edges = bounds.map((bin, i) => (i === 0 ? min : i === PLOT_BINS ? max : binStart(grid, bin)));
    return { edges, within: add(within, bounds), between: add(between, bounds) };
  }
  // One value, none, or values in fewer bins than the plot has: all counts go to the middle bin.
  const edges = min < max ? equal(min, max) : min === max ? equal(min - 0.5, min + 0.5) : equal(0, 1);
  const bounds = edges.map((_, i) => (i <= PLOT_BINS / 2 ? 0 : grid.bins));
  return { edges, within: add(within, bounds), between: add(between, bounds) };
}
