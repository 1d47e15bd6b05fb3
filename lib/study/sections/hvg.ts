/** The key `hvg`: which genes are highly variable. */
import { HvgSchema } from '../../cells/hvg/options.ts';

export const hvgSection = { hvg: HvgSchema.prefault({}) };
