/** Choice of highly variable genes: the key `hvg` of the config. */
import { z } from 'zod';
import { HVG_FLAVORS, type HvgFlavorName } from './index.ts';

export const HVG_DEFAULTS = {
  flavor: 'annotated',
  top: 2000,
  minMean: 0.0125,
  maxMean: 3,
  minDisp: 0.5,
  bins: 20,
  batchAware: false,
} as const;

const FLAVORS = Object.keys(HVG_FLAVORS) as HvgFlavorName[];

export const HvgSchema = z.strictObject({
  /** Flavour. `annotated`: the data set's own; `seurat`, `cell_ranger`, `seurat_v3`: scanpy's; `none`: all kept genes. */
  flavor: z.enum(FLAVORS).default(HVG_DEFAULTS.flavor),
  /** Number of genes that scanpy's flavours take; null: all within the cut-offs below, which `seurat_v3` does not have. */
  top: z.int().min(1).nullable().default(HVG_DEFAULTS.top),
  minMean: z.number().default(HVG_DEFAULTS.minMean),
  maxMean: z.number().default(HVG_DEFAULTS.maxMean),
  minDisp: z.number().default(HVG_DEFAULTS.minDisp),
  /** Bins of mean expression within which `seurat` compares dispersions. */
  bins: z.int().min(1).max(1000).default(HVG_DEFAULTS.bins),
  /** Whether to choose within each batch, then take the genes chosen in most. */
  batchAware: z.boolean().default(HVG_DEFAULTS.batchAware),
});

export type HvgOptions = z.output<typeof HvgSchema>;
