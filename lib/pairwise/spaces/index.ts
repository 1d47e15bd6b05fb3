/** Spaces of cells from artifacts, in one place: stages import it when they run. */
export { sharedSpace } from './kernel-space.ts';
export { openSample, openSpace, spaceSize } from './open-space.ts';
