/** Do two views put types, or pairs of types, in the same order? Spearman's correlation of their medians. */
import { orientationOf } from '../pairwise/metric.ts';
import type { Estimate } from './estimate.ts';
import type { ViewProfile } from './profile.ts';
import type { Resamples } from './resample.ts';

/**
 * Over types (`within`: pairs of cells of one type) or over pairs of two types. A distance counts as the less the more
 * alike, so that agreement is above 0. Cells are not resampled: a median has no sums over cells. Types are: a point
 * weighs as often as its types are drawn.
 */
export function medianAgreement(
  a: ViewProfile,
  b: ViewProfile,
  within: boolean,
  resamples: Resamples,
): Estimate {
  const types = resamples.typeCount;
  const points: { x: number; y: number; s: number; t: number }[] = [];
  const [xSign, ySign] = [a, b].map(({ view }) => (orientationOf(view.metric) === 'similarity' ? 1 : -1));
  for (let s = 0, i = 0; s < types; s++) {
    for (let t = s; t < types; t++, i++) {
      if ((s === t) !== within || Number.isNaN(a.medians[i]) || Number.isNaN(b.medians[i])) continue;
      points.push({ x: xSign * a.medians[i], y: ySign * b.medians[i], s, t });
    }
  }
  const spearman = weightedSpearman(
    points.map(({ x }) => x),
    points.map(({ y }) => y),
  );
  const weights = (draw: number) => {
    const at = draw * types;
    return Float64Array.from(points, ({ s, t }) =>
      within ? resamples.types[at + s] : resamples.types[at + s] * resamples.types[at + t],
    );
  };
  return {
    value: spearman(new Float64Array(points.length).fill(1)),
    cells: null,
    types: Float64Array.from({ length: resamples.draws }, (_, draw) => spearman(weights(draw))),
  };
}

/**
 * Spearman's correlation of points that stand for whole numbers of equal ones, as a function of how many: NaN for fewer than
 * two different points, or if one side is constant.
 */
export function weightedSpearman(xs: readonly number[], ys: readonly number[]) {
  const [xOrder, yOrder] = [xs, ys].map((values) =>
    Array.from(values.keys()).sort((i, j) => values[i] - values[j] || i - j),
  );
  return (weights: Float64Array): number => {
    const a = centredRanks(xs, xOrder, weights);
    const b = centredRanks(ys, yOrder, weights);
    let [ab, aa, bb] = [0, 0, 0];
    for (let i = 0; i < a.length; i++) {
      ab += weights[i] * a[i] * b[i];
      aa += weights[i] * a[i] * a[i];
      bb += weights[i] * b[i] * b[i];
    }
    return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : Number.NaN;
  };
}

/** Average ranks less their mean, doubled: whole numbers. */
function centredRanks(
  values: readonly number[],
  order: readonly number[],
  weights: Float64Array,
): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const ranks = new Float64Array(values.length);
  let before = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let own = 0;
    for (; end < order.length && values[order[end]] === values[order[start]]; end++)
      own += weights[order[end]];
    for (let i = start; i < end; i++) ranks[order[i]] = 2 * before + own - total;
    before += own;
    start = end;
  }
  return ranks;
}
