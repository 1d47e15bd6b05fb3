/** Which pairs of a view are counted a second time, and AUROC from what all passes counted. */
import type { MergedCounts } from '../../pairwise/quantiles/merged-counts.ts';
import { probabilityAbove } from '../../pairwise/quantiles/order-statistics.ts';
import type { MergedRefinement, RefinementPlan } from '../../pairwise/quantiles/refinement.ts';
import { FEW_PAIRS, planRefinement } from '../../pairwise/quantiles/refinement-plan.ts';
import { type Metric, orientationOf } from '../../pairwise/spaces/metric.ts';

/**
 * Of many pairs only those that medians of pairs of types still need: the histograms of so many pairs leave AUROC open by
 * some 10⁻⁵ at most, and quantiles of all pairs within and between are not told here.
 */
export function planComparedRefinement(
  counted: MergedCounts,
  refinements: readonly MergedRefinement[],
): RefinementPlan {
  const refinement = planRefinement(counted, refinements);
  const pairs = counted.within.n + counted.between.n;
  return pairs <= FEW_PAIRS ? refinement : { ...refinement, scopes: [] };
}

/** Null if there are no pairs within types, or none between. */
export function aurocOf(
  metric: Metric,
  counted: MergedCounts,
  refinements: readonly MergedRefinement[],
): number | null {
  const { grid, within, between } = counted;
  const [first] = refinements;
  const above = probabilityAbove(grid, within, between, first && [first.within, first.between]);
  if (above === undefined) return null;
  return orientationOf(metric) === 'similarity' ? above.probability : 1 - above.probability;
}
