/** Choice of the cells, types and genes that take part: the key `subset` of the config. */
import { z } from 'zod';

export const SUBSET_DEFAULTS = {
  minGenes: 200,
  minCounts: 0,
  maxMitoPercent: 20,
  minCellsPerGene: 3,
  minCellsPerType: 500,
  cellsPerType: 500,
} as const;

const limit = z.int().min(0).nullable();

/** Options of the key `subset`. null: no limit. All bounds are inclusive. */
export const SubsetSchema = z.strictObject({
  /** Fewest detected genes of a cell. */
  minGenes: limit.default(SUBSET_DEFAULTS.minGenes),
  /** Fewest counts of a cell. */
  minCounts: limit.default(SUBSET_DEFAULTS.minCounts),
  /** Largest mitochondrial share of a cell's counts; a cell whose share is unknown passes. */
  maxMitoPercent: z.number().min(0).max(100).nullable().default(SUBSET_DEFAULTS.maxMitoPercent),
  /** Fewest passing cells in which a kept gene is detected. */
  minCellsPerGene: limit.default(SUBSET_DEFAULTS.minCellsPerGene),
  /** Fewest passing cells of a kept type. */
  minCellsPerType: limit.default(SUBSET_DEFAULTS.minCellsPerType),
  /** Cells drawn of each kept type. */
  cellsPerType: z.int().min(1).nullable().default(SUBSET_DEFAULTS.cellsPerType),
});

export type SubsetOptions = z.output<typeof SubsetSchema>;
