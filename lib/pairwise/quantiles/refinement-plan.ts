/** What the survey of the pairs left open, and a closer look is to find. */
import { ascendingRuns } from './key-runs.ts';
import type { MergedSurvey } from './merged-survey.ts';
import { mingledBins, seekQuantiles } from './order-statistics.ts';
import type { LookPlan, MergedLook } from './refinement.ts';
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

export function planLook(survey: MergedSurvey, looks: readonly MergedLook[]): LookPlan {
  const { grid, within, between } = survey;
  const missing = [
    ...seekQuantiles(
      grid,
      within,
      looks.map((look) => look.within),
    ).missing,
    ...seekQuantiles(
      grid,
      between,
      looks.map((look) => look.between),
    ).missing,
  ];
  if (looks.length === 0) {
    const pairs = within.n + between.n;
    const bound = pairs <= FEW_PAIRS ? AUROC_BOUND_OF_FEW : AUROC_BOUND;
    const sought = new Set(missing.map(([first]) => binOf(grid, valueOfKey(first))));
    for (const run of mingledBins(grid, within, between, bound)) {
      if (!sought.has(binOf(grid, valueOfKey(run[0])))) missing.push(run);
    }
  }
  const split = [...survey.split.values()].flatMap((set) => {
    const own = looks.flatMap((look) => look.split.get(set.group) ?? []);
    const runs = ascendingRuns(seekQuantiles(grid, set, own).missing);
    return runs.length === 0 ? [] : [{ group: set.group, runs }];
  });
  return { grid, scopes: ascendingRuns(missing), split };
}
