/**
 * Exact quantiles of all pairs: `describePairs` in one call, and the steps that it takes, for work that is cut into
 * parts. Stages import it when they run.
 */
export { countPairs } from './count-pairs.ts';
export { planCounts } from './count-plan.ts';
export { describeDistribution, describeTypePairs } from './describe.ts';
export { describePairs } from './describe-pairs.ts';
export { mergeCounts } from './merged-counts.ts';
export { isEmptyRefinement, mergeRefinements, refine, refinementOfTasks } from './refinement.ts';
export { planRefinement } from './refinement-plan.ts';
