/** The study's stages, in the order in which they are shown. */
import encode from './encode.ts';
import hvg from './hvg.ts';
import load from './load.ts';
import subset from './subset.ts';

export const stages = [load, subset, hvg, encode] as const;
