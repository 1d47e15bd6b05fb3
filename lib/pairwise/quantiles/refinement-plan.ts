/** Plan of a refinement: the bins that the passes so far have not resolved. */
import { ascendingRuns } from './key-runs.ts';
import type { MergedCounts } from './merged-counts.ts';
import { mingledBins, seekQuantiles } from './order-statistics.ts';
import type { MergedRefinement, RefinementPlan } from './refinement.ts';
import { binOf } from './value-grid.ts';
import { valueOfKey } from './value-order.ts';

/**
 * Largest error bound of AUROC that is accepted without a further pass. With many pairs, values that are not tied leave
 * less than a third of this bound. The order within bins is in truth nearly even, so the actual error is far smaller.
 */
const AUROC_BOUND = 1e-5;
/** Number of pairs up to which a further pass is cheap, and the bound is narrower. */
export const FEW_PAIRS = 1 << 23;
const AUROC_BOUND_OF_FEW = 1e-6;

export function planRefinement(
  counted: MergedCounts,
  refinements: readonly MergedRefinement[],
): RefinementPlan {
  const { grid, within, between } = counted;
  const missing = [
    ...seekQuantiles(
      grid,
      within,
      refinements.map((refinement) => refinement.within),
    ).missing,
    ...seekQuantiles(
      grid,
      between,
      refinements.map((refinement) => refinement.between),
    ).missing,
  ];
  if (refinements.length === 0) {
    const pairs = within.n + between.n;
    const bound = pairs <= FEW_PAIRS ? AUROC_BOUND_OF_FEW : AUROC_BOUND;
    const sought = new Set(missing.map(([first]) => binOf(grid, valueOfKey(first))));
    for (const run of mingledBins(grid, within, between, bound)) {
      if (!sought.has(binOf(grid, valueOfKey(run[0])))) missing.push(run);
    }
  }
  const split = [...counted.split.values()].flatMap((set) => {
    const own = refinements.flatMap((refinement) => refinement.split.get(set.group) ?? []);
    const runs = ascendingRuns(seekQuantiles(grid, set, own).missing);
    return runs.length === 0 ? [] : [{ group: set.group, runs }];
  });
  return { grid, scopes: ascendingRuns(missing), split };
}
