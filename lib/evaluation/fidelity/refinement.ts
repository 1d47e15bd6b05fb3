/** Plan of the refinement of a view, and AUROC from the counts of all passes. */
import type { MergedCounts } from '../../pairwise/quantiles/merged-counts.ts';
import { probabilityAbove } from '../../pairwise/quantiles/order-statistics.ts';
import type { MergedRefinement, RefinementPlan } from '../../pairwise/quantiles/refinement.ts';
import { FEW_PAIRS, planRefinement } from '../../pairwise/quantiles/refinement-plan.ts';
import { type Metric, orientationOf } from '../../pairwise/spaces/metric.ts';

/**
 * Plans a refinement. With many pairs, only the bins that medians of pairs of types still need are counted: the histograms
 * of so many pairs determine AUROC to some 10⁻⁵, and quantiles of all pairs within and between types are not needed here.
 */
export function planComparedRefinement(
  counted: MergedCounts,
  refinements: readonly MergedRefinement[],
): RefinementPlan {
  const refinement = planRefinement(counted, refinements);
  const pairs = counted.within.n + counted.between.n;
  return pairs <= FEW_PAIRS ? refinement : { ...refinement, scopes: [] };
}

/** Returns AUROC of pairs within types against pairs between types; null if there are none of either. */
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
