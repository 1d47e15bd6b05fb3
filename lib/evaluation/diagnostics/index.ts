/** What the stage `diagnose` runs, in one place: it is imported when the stage runs. */
export { alignedBlocks } from './aligned-blocks.ts';
export { CellLosses } from './cell-losses.ts';
export { describeCells, describeSparsity } from './describe.ts';
export { pairLosses } from './pair-losses.ts';
export { pairSample } from './pair-sample.ts';
export { diagnosticColumns } from './rows.ts';
export { withinSimilarity } from './within-similarity.ts';
