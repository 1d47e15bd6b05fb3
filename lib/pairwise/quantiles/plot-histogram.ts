/** The histogram for plots, from the counts of a fine grid. */
import type { Distribution } from '../../data/results/tables.ts';
import { binStart, type ValueGrid } from './value-grid.ts';

/** Bins of the histogram for plots. */
const PLOT_BINS = 100;

/**
 * Bins of nearly equal width, whole bins of the grid each, from the least to the largest value. A single value gets
 * half a unit on both sides, no value 0 … 1.
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
  // One value, or none: the bin that holds it, wherever the grid has it.
  const edges = min < max ? equal(min, max) : min === max ? equal(min - 0.5, min + 0.5) : equal(0, 1);
  const bounds = edges.map((_, i) => (i <= PLOT_BINS / 2 ? 0 : grid.bins));
  return { edges, within: add(within, bounds), between: add(between, bounds) };
}
