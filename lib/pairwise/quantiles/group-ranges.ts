/** Bins where the quantiles of one large group of pairs are expected, estimated from a sample of its pairs. */
import type { Space } from '../spaces/space.ts';
import { sampleBlocks } from '../tiles/sample-blocks.ts';
import { groupPairs } from '../tiles/tasks.ts';
import type { CellTypes } from '../tiles/type-pairs.ts';
import { linesOf, quantileRanges } from './quantile-ranges.ts';
import { type BinRanges, binOf, type ValueGrid } from './value-grid.ts';

/**
 * Sample size: at least `SAMPLE_PAIRS` pairs, and at least the share `LEAST_SHARE`. About a twelfth of a group of some
 * millions of pairs is then held. A sampled pair, read in blocks, takes some five times as long as a pair of the pass.
 */
const SAMPLE_PAIRS = 1 << 16;
const LEAST_SHARE = 1 / 128;
/** Half the width of a bracket, in standard errors. Too narrow a bracket costs a second pass over this group only. */
const ERRORS = 3;

/** Returns the bins whose values are to be held for the pairs of types a ≤ b. */
export function groupRanges(
  space: Space,
  types: CellTypes,
  grid: ValueGrid,
  a: number,
  b: number,
): BinRanges {
  const pairs = groupPairs(types, a, b);
  const every = Math.max(1, Math.floor(pairs / Math.max(SAMPLE_PAIRS, pairs * LEAST_SHARE)));
  const { defined } = space;
  const { starts } = types;
  const lines = linesOf(grid);
  const counts = new Float64Array(lines.bins);
  let n = 0;
  const area = {
    rowStart: starts[a],
    rowEnd: starts[a + 1],
    columnStart: starts[b],
    columnEnd: starts[b + 1],
  };
  for (const tile of sampleBlocks(area, every)) {
    const { values, stride } = space.tile(tile);
    for (let row = tile.rowStart; row < tile.rowEnd; row++) {
      if (defined[row] === 0) continue;
      const at = (row - tile.rowStart) * stride - tile.columnStart;
      for (let column = Math.max(tile.columnStart, row + 1); column < tile.columnEnd; column++) {
        const value = values[at + column];
        if (defined[column] === 0 || Number.isNaN(value)) continue;
        counts[binOf(lines, value)]++;
        n++;
      }
    }
  }
  return quantileRanges({ n, counts }, every === 1, ERRORS);
}
