/**
 * Exact quantiles of all pairs: `describePairs` in one call, and its single steps for work that is split into parts.
 * Stages import this file only when they run.
 */
export { countPairs } from './count-pairs.ts';
export { planCounts } from './count-plan.ts';
export { describeDistribution, describeTypePairs } from './describe.ts';
export { describePairs } from './describe-pairs.ts';
export { mergeCounts } from './merged-counts.ts';
export { isEmptyRefinement, mergeRefinements, refine, refinementOfTasks } from './refinement.ts';
export { planRefinement } from './refinement-plan.ts';
