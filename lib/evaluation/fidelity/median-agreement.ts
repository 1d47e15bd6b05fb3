/** Do two views put types, or pairs of types, in the same order? Spearman's correlation of their medians. */
import { orientationOf } from '../../pairwise/spaces/metric.ts';
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
  const [xs, ys, s, t] = [[], [], [], []] as number[][];
  const [xSign, ySign] = [a, b].map(({ view }) => (orientationOf(view.metric) === 'similarity' ? 1 : -1));
  for (let first = 0, i = 0; first < types; first++) {
    for (let second = first; second < types; second++, i++) {
      if ((first === second) !== within || Number.isNaN(a.medians[i]) || Number.isNaN(b.medians[i])) continue;
      xs.push(xSign * a.medians[i]);
      ys.push(ySign * b.medians[i]);
      s.push(first);
      t.push(second);
    }
  }
  const spearman = weightedSpearman(xs, ys);
  const weights = new Float64Array(xs.length).fill(1);
  const value = spearman(weights);
  const drawn = new Float64Array(resamples.draws);
  for (let draw = 0; draw < drawn.length; draw++) {
    const of = resamples.types.subarray(draw * types, (draw + 1) * types);
    for (let i = 0; i < weights.length; i++) weights[i] = within ? of[s[i]] : of[s[i]] * of[t[i]];
    drawn[draw] = spearman(weights);
  }
  return { value, cells: null, types: drawn };
}

/**
 * Spearman's correlation of points that stand for whole numbers of equal ones, as a function of how many: NaN for fewer than
 * two different points, or if one side is constant.
 */
export function weightedSpearman(xs: readonly number[], ys: readonly number[]) {
  const [x, y] = [xs, ys].map(rankingOf);
  const [a, b] = [xs, ys].map(({ length }) => new Float64Array(length));
  return (weights: Float64Array): number => {
    centredRanks(x, weights, a);
    centredRanks(y, weights, b);
    let [ab, aa, bb] = [0, 0, 0];
    for (let i = 0; i < a.length; i++) {
      ab += weights[i] * a[i] * b[i];
      aa += weights[i] * a[i] * a[i];
      bb += weights[i] * b[i] * b[i];
    }
    return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : Number.NaN;
  };
}

interface Ranking {
  /** Points by ascending value. */
  readonly order: Int32Array;
  /** Where each run of equal values ends in `order`. */
  readonly ends: readonly number[];
}

function rankingOf(values: readonly number[]): Ranking {
  const order = Int32Array.from(values.keys()).sort((i, j) => values[i] - values[j] || i - j);
  const ends: number[] = [];
  for (let i = 1; i <= order.length; i++) {
    if (i === order.length || values[order[i]] !== values[order[i - 1]]) ends.push(i);
  }
  return { order, ends };
}

/** Average ranks less their mean, doubled: whole numbers. */
function centredRanks({ order, ends }: Ranking, weights: Float64Array, ranks: Float64Array): void {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i];
  let start = 0;
  let before = 0;
  for (const end of ends) {
    let own = 0;
    for (let i = start; i < end; i++) own += weights[order[i]];
    for (let i = start; i < end; i++) ranks[order[i]] = 2 * before + own - total;
    before += own;
    start = end;
  }
}
