/** Entry point of spaces of cells from artifacts, imported by stages only when they run. */
export { sharedSpace } from './kernel-space.ts';
export { openSample, openSpace, spaceSize } from './open-space.ts';
