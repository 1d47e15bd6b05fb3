/** Bins where the quantiles of many pairs are expected, estimated from the counts of a sample of the pairs. */
import { LINE } from '../../kernels/counts.ts';
import type { SampleCounts } from '../../kernels/sample-counts.ts';
import { QUANTILES } from '../../stats/quantiles.ts';
import { type BinRanges, mergeRanges, type ValueGrid } from './value-grid.ts';

/**
 * Half the width of a bracket, in standard errors of a share, where too narrow a bracket costs a second pass over all
 * pairs. The brackets contain about 1 % of all pairs.
 */
const ERRORS = 4;
/** Design effect: pairs of one block are correlated, so that this many count as one independent pair. */
const ALIKE = 4;
/** Smallest sample that brackets are estimated from. */
const FEWEST = 2000;

/**
 * Returns the grid of lines. A sample locates quantiles less finely than bins, and counts by line stay in a core's own
 * cache.
 */
export const linesOf = ({ lo, scale, bins }: ValueGrid): ValueGrid => ({
  lo,
  scale: scale / LINE,
  bins: bins / LINE,
});

/**
 * Returns the bins, in whole lines, that should contain all quantiles of the sampled pairs.
 *
 * @param counts by line
 * @param exact whether the sample is all pairs: then the lines of the quantiles are known, without a bracket around them
 * @param errors half the width of a bracket, in standard errors
 */
export function quantileRanges({ n, counts }: SampleCounts, exact: boolean, errors = ERRORS): BinRanges {
  if (n === 0) return [];
  if (!exact && n < FEWEST) return [[0, counts.length * LINE]];
  let total = 0;
  for (const count of counts) total += count;
  // If all pairs are sampled, weights are 1 and ranks are exact.
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

/** Returns the line of the value with the total weight `before` before it. */
function lineAt(counts: Float64Array, before: number): number {
  let below = 0;
  for (let line = 0; line < counts.length; line++) {
    below += counts[line];
    if (before < below) return line;
  }
  return counts.length - 1;
}
