/** The registry of statistics over pairs of cells: one line for each. */
export { auroc } from './statistics/auroc.ts';
export { cliffsDelta } from './statistics/cliffs-delta.ts';
export { gapOverSpread } from './statistics/gap-over-spread.ts';
export { labelPurity } from './statistics/label-purity.ts';
export { labelPurityMacro } from './statistics/label-purity-macro.ts';
export { neighborOverlap } from './statistics/neighbor-overlap.ts';
export { typeMedians } from './statistics/type-medians.ts';
export { typePairMedians } from './statistics/type-pair-medians.ts';
