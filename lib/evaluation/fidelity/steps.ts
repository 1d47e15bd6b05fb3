/** What the stage `fidelity` runs, in one place: it is imported when the stage runs. */
export { packRefinement, unpackRefinement } from './packed-refinement.ts';
export { PairSums, pairAdder } from './pair-sums.ts';
export { profileOf, readFound, readSums, writeFound, writeProfile } from './profile.ts';
export { aurocOf, planComparedRefinement } from './refinement.ts';
export { viewSource } from './view-source.ts';
export { planUnits } from './work.ts';
