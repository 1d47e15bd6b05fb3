/** The bins that the first pass over the pairs left open, for a refinement. */
import { ascendingRuns } from './key-runs.ts';
import type { MergedCounts } from './merged-counts.ts';
import { mingledBins, seekQuantiles } from './order-statistics.ts';
import type { MergedRefinement, RefinementPlan } from './refinement.ts';
import { binOf } from './value-grid.ts';
import { valueOfKey } from './value-order.ts';

/**
 * Largest error of AUROC, by construction of the counts, that no further pass is made for. With many pairs, values
 * that are not tied leave less than a third of this; the order within bins is in truth nearly even, so that
 * AUROC is off by far less.
 */
const AUROC_BOUND = 1e-5;
/** Up to so many pairs a further pass takes a moment. */
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
