/** How far pairs within types lie from pairs between them, with what it is in each resample. */
import { type Metric, orientationOf } from '../pairwise/metric.ts';
import type { Estimate } from './estimate.ts';
import { CELL_SUMS, GROUP_SUMS } from './pair-sums.ts';
import type { ViewProfile } from './profile.ts';
import type { Resamples } from './resample.ts';
import { COARSE } from './value-shares.ts';

/**
 * Sums over pairs with weights, from a pair of weights for its two cells: those of pairs within, then of pairs between:
 * how many, sum, sum of squares, and sum of shares.
 *
 * With cells drawn w_i times, a pair has the weight w_i·w_j, which near 1 is w_i + w_j − 1: sums over pairs become the sum over
 * all pairs plus Σ (w_i − 1) times the sum over the pairs of cell i. This linear part is the Hájek projection; what
 * it leaves out is of the order of 1/n.
 */
function cellDraws({ cells }: ViewProfile, resamples: Resamples): Float64Array[] {
  const n = cells.length / CELL_SUMS;
  const totals = new Float64Array(CELL_SUMS);
  for (let i = 0; i < cells.length; i++) totals[i % CELL_SUMS] += cells[i] / 2;
  return Array.from({ length: resamples.draws }, (_, draw) => {
    const sums = totals.slice();
    for (let cell = 0; cell < n; cell++) {
      const more = resamples.cells[draw * n + cell] - 1;
      if (more === 0) continue;
      const at = cell * CELL_SUMS;
      for (let s = 0; s < CELL_SUMS; s++) sums[s] += more * cells[at + s];
    }
    return sums;
  });
}

/** AUROC, and the gap over the spread. */
export function separation(profile: ViewProfile, resamples: Resamples): { auroc: Estimate; gap: Estimate } {
  const { auroc, groups, view } = profile;
  const types = resamples.typeCount;
  const value = auroc ?? Number.NaN;
  const drawn = cellDraws(profile, resamples);
  const ones = new Uint16Array(types).fill(1);
  const all = groupSums(groups, types, ones);
  const own = meanShares(profile);
  const ofTypes = Array.from({ length: resamples.draws }, (_, draw) =>
    groupSums(groups, types, resamples.types.subarray(draw * types, (draw + 1) * types)),
  );
  const binned = binnedAuroc(all, view.metric);
  return {
    auroc: {
      value,
      cells: Float64Array.from(drawn, (sums) => value + meanShare(sums) - own),
      types: Float64Array.from(ofTypes, (sums) => value + binnedAuroc(sums, view.metric) - binned),
    },
    gap: {
      value: gapOverSpread(all.moments, view.metric),
      cells: Float64Array.from(drawn, (s) =>
        gapOverSpread([s[0], s[1], s[2], s[4], s[5], s[6]], view.metric),
      ),
      types: Float64Array.from(ofTypes, ({ moments }) => gapOverSpread(moments, view.metric)),
    },
  };
}

/** Mean share of pairs within plus that of pairs between: what changes in AUROC if cells weigh otherwise. */
const meanShare = (sums: ArrayLike<number>) => sums[3] / sums[0] + sums[7] / sums[4];

function meanShares({ cells }: ViewProfile): number {
  const sums = new Float64Array(CELL_SUMS);
  for (let i = 0; i < cells.length; i++) sums[i % CELL_SUMS] += cells[i] / 2;
  return meanShare(sums);
}

/**
 * (mean within − mean between) / √((variance within + variance between) / 2): Cohen's d with both variances weighing
 * alike, the d′ of signal detection. Larger is further apart, for distances too. NaN without pairs or spread.
 *
 * @param moments n, sum and sum of squares within, and the same between
 */
export function gapOverSpread(moments: readonly number[], metric: Metric): number {
  const [n, sum, squares, m, other, otherSquares] = moments;
  const [within, between] = [sum / n, other / m];
  const variance = Math.max(0, squares / n - within * within);
  const otherVariance = Math.max(0, otherSquares / m - between * between);
  const spread = Math.sqrt((variance + otherVariance) / 2);
  if (!(spread > 0)) return Number.NaN;
  return (orientationOf(metric) === 'similarity' ? within - between : between - within) / spread;
}

interface WeightedSums {
  readonly moments: readonly number[];
  readonly within: Float64Array;
  readonly between: Float64Array;
}

/** Sums over all pairs of types: one of a type with itself weighs as the type, one of two types as their product. */
function groupSums(groups: Float64Array, types: number, weights: Uint16Array): WeightedSums {
  const moments = [0, 0, 0, 0, 0, 0];
  const within = new Float64Array(COARSE);
  const between = new Float64Array(COARSE);
  for (let b = 0, group = 0; b < types; b++) {
    for (let a = 0; a <= b; a++, group++) {
      const weight = a === b ? weights[a] : weights[a] * weights[b];
      if (weight === 0) continue;
      const at = group * GROUP_SUMS;
      for (let s = 0; s < 3; s++) moments[(a === b ? 0 : 3) + s] += weight * groups[at + s];
      const histogram = a === b ? within : between;
      for (let bin = 0; bin < COARSE; bin++) histogram[bin] += weight * groups[at + 3 + bin];
    }
  }
  return { moments, within, between };
}

/** AUROC with values of one coarse bin as ties. NaN if there are no pairs within or between. */
function binnedAuroc({ within, between, moments }: WeightedSums, metric: Metric): number {
  let [above, below] = [0, 0];
  for (let bin = 0; bin < COARSE; bin++) {
    above += within[bin] * (below + between[bin] / 2);
    below += between[bin];
  }
  const share = above / (moments[0] * moments[3]);
  return orientationOf(metric) === 'similarity' ? share : 1 - share;
}
