/** What a coarse histogram and its refinement say together: exact quantiles, and AUROC with a bound of its error. */
import { type FiveQuantiles, quantilesFrom, wantedRanks } from './quantiles.ts';
import { type Refinement, SEVERAL, sum, walkCells } from './refinement.ts';
import { valueOfKey } from './value-order.ts';

/** Exact quantiles; the bins of all wanted ranks must have been resolved. Undefined for no values. */
export function exactQuantiles(
  refinement: Refinement,
  coarse: Float64Array,
  fine: Float64Array,
): FiveQuantiles | undefined {
  const n = sum(coarse);
  if (n === 0) return undefined;
  const ranks = wantedRanks(n);
  const found = new Map<number, number>();
  let below = 0;
  let next = 0;
  walkCells(refinement, [coarse], [fine], ([count], key, shift) => {
    below += count;
    for (; next < ranks.length && ranks[next] < below; next++) {
      if (shift !== 0)
        throw new Error(`Internal error: the bin of order statistic ${ranks[next]} was not resolved`);
      found.set(ranks[next], valueOfKey(key));
    }
  });
  return quantilesFrom(n, (rank) => found.get(rank)!);
}

/**
 * The probability that a value of x is above a value of y, plus half of that of a tie. Different values in one cell
 * count as ties: that is off by at most half of their share, which is the bound. Undefined if x or y is empty.
 *
 * @param sole of each cell: nothing, one value, or `SEVERAL`
 */
export function probabilityAbove(
  refinement: Refinement,
  coarse: readonly [x: Float64Array, y: Float64Array],
  fine: readonly [x: Float64Array, y: Float64Array],
  sole: Uint16Array,
): { probability: number; errorBound: number } | undefined {
  const total = sum(coarse[0]) * sum(coarse[1]);
  if (total === 0) return undefined;
  let above = 0;
  let unknown = 0;
  let yBelow = 0;
  walkCells(refinement, coarse, fine, ([x, y], _key, _shift, cell) => {
    above += x * (yBelow + y / 2);
    if (cell < 0 || sole[cell] === SEVERAL) unknown += x * y;
    yBelow += y;
  });
  return { probability: above / total, errorBound: unknown / 2 / total };
}
