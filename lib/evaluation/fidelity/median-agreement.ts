/** Agreement of two views on the order of types, or of pairs of types: Spearman's correlation of their medians. */
import { orientationOf } from '../../pairwise/spaces/metric.ts';
import { weightedSpearman } from '../../stats/correlation.ts';
import type { Estimate } from '../../stats/estimate.ts';
import type { Resamples } from '../../stats/resample.ts';
import type { ViewProfile } from './profile.ts';

/**
 * Computes the agreement over types (`within`: pairs of cells of one type) or over pairs of two types. Distances count with
 * negative sign, so that agreement of a distance with a similarity is above 0. Cells are not resampled, since a median has
 * no sums over cells. Types are resampled: the weight of a point is the number of times that its types are drawn.
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
