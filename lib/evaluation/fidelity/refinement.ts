/** Which pairs the comparison looks at again, and AUROC from what all passes counted. */
import type { MergedSurvey } from '../../pairwise/quantiles/merged-survey.ts';
import { probabilityAbove } from '../../pairwise/quantiles/order-statistics.ts';
import type { LookPlan, MergedLook } from '../../pairwise/quantiles/refinement.ts';
import { FEW_PAIRS, planLook } from '../../pairwise/quantiles/refinement-plan.ts';
import { type Metric, orientationOf } from '../../pairwise/spaces/metric.ts';

/**
 * Of many pairs only those that medians of pairs of types still need: the histograms of so many pairs leave AUROC open by
 * some 10⁻⁵ at most, and quantiles of all pairs within and between are not told here.
 */
export function planComparedLook(survey: MergedSurvey, looks: readonly MergedLook[]): LookPlan {
  const look = planLook(survey, looks);
  const pairs = survey.within.n + survey.between.n;
  return pairs <= FEW_PAIRS ? look : { ...look, scopes: [] };
}

/** Null if there are no pairs within types, or none between. */
export function aurocOf(metric: Metric, survey: MergedSurvey, looks: readonly MergedLook[]): number | null {
  const { grid, within, between } = survey;
  const [first] = looks;
  const above = probabilityAbove(grid, within, between, first && [first.within, first.between]);
  if (above === undefined) return null;
  return orientationOf(metric) === 'similarity' ? above.probability : 1 - above.probability;
}
