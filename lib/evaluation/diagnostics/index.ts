/** Entry point of the work of the stage `diagnose`, imported only when the stage runs. */
export { alignedBlocks } from './aligned-blocks.ts';
export { CellLosses } from './cell-losses.ts';
export { describeCells, describeSparsity } from './describe.ts';
export { pairLosses } from './pair-losses.ts';
export { pairSample } from './pair-sample.ts';
export { diagnosticColumns } from './rows.ts';
export { withinSimilarity } from './within-similarity.ts';
