/** Entry point of the work of the stage `fidelity`, imported only when the stage runs. */
export { packRefinement, unpackRefinement } from './packed-refinement.ts';
export { PairSums, pairAdder } from './pair-sums.ts';
export { profileOf, readFound, readSums, writeFound, writeProfile } from './profile.ts';
export { aurocOf, planComparedRefinement } from './refinement.ts';
export { viewSource } from './view-source.ts';
export { planUnits } from './work.ts';
