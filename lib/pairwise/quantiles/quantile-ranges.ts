/** Bins among which the quantiles of many pairs are expected, from counts of a sample of them. */
import { LINE } from '../../kernels/counts.ts';
import type { SampleCounts } from '../../kernels/sample-counts.ts';
import { QUANTILES } from '../../stats/quantiles.ts';
import { type BinRanges, mergeRanges, type ValueGrid } from './value-grid.ts';

/**
 * Half the width of a bracket, in standard errors of a share, if too narrow a bracket costs a second pass over all pairs;
 * of all pairs they hold some 1 %.
 */
const ERRORS = 4;
/** Pairs of a block are alike, so many count as one. */
const ALIKE = 4;
/** A sample of fewer says too little. */
const FEWEST = 2000;

/**
 * The grid of lines: the sample tells places less finely than bins are, and these counts stay in a core's own cache.
 */
export const linesOf = ({ lo, scale, bins }: ValueGrid): ValueGrid => ({
  lo,
  scale: scale / LINE,
  bins: bins / LINE,
});

/**
 * Bins, by lines of them, that hold all quantiles of what is sampled; no more lines if the sample is all there is.
 *
 * @param counts by line
 * @param errors half the width of a bracket
 */
export function quantileRanges({ n, counts }: SampleCounts, exact: boolean, errors = ERRORS): BinRanges {
  if (n === 0) return [];
  if (!exact && n < FEWEST) return [[0, counts.length * LINE]];
  let total = 0;
  for (const count of counts) total += count;
  // Of all pairs, weights are 1, and places are what they are among them.
  const last = exact ? n - 1 : total;
  const ranges = QUANTILES.map((p) => {
    const half = exact ? 0 : errors * Math.sqrt((p * (1 - p) * ALIKE) / n);
    const low = last * Math.max(0, p - half);
    const high = last * Math.min(1, p + half);
    return [
      lineAt(counts, exact ? Math.floor(low) : low),
      lineAt(counts, exact ? Math.ceil(high) : high) + 1,
    ] as const;
  });
  return mergeRanges(ranges.map(([from, to]) => [from * LINE, to * LINE] as const));
}

/** The line of the value with so much before it. */
function lineAt(counts: Float64Array, before: number): number {
  let below = 0;
  for (let line = 0; line < counts.length; line++) {
    below += counts[line];
    if (before < below) return line;
  }
  return counts.length - 1;
}
