/** The key `hvg`: choice of highly variable genes. */
import { HvgSchema } from '../../cells/hvg/options.ts';

export const hvgSection = { hvg: HvgSchema.prefault({}) };
