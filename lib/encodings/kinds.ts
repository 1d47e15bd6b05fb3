/** Registry of encodings: one line for each. */
export { cell2sentence } from './cell2sentence.ts';
export { counts } from './counts.ts';
export { geneformer } from './geneformer.ts';
export { geneptS } from './genept-s.ts';
export { geneptW } from './genept-w.ts';
export { lognorm } from './lognorm.ts';
export { module } from './module.ts';
export { rank } from './rank.ts';
export { rankDetected } from './rank-detected.ts';
export { scbert } from './scbert.ts';
export { scfoundation } from './scfoundation.ts';
export { scgpt } from './scgpt.ts';
export { uce } from './uce.ts';
