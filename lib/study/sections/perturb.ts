/** The key `perturb`: perturbations of cells; null: none. */
import { z } from 'zod';

const PerturbSchema = z.strictObject({
  /** Shares of the counts that are kept. */
  depths: z.array(z.number().gt(0).max(1)).max(50).default([1, 0.5, 0.25, 0.1]),
  /** Factors by which the count of one gene is multiplied. */
  folds: z.array(z.number().gt(0).max(1000)).max(50).default([1.1, 1.25, 1.5, 2, 4]),
  /** Cells of each type that are perturbed, drawn from the sampled ones. */
  cellsPerType: z.int().min(1).max(10_000).default(50),
  /** Detected genes of each of these cells whose counts are changed, one at a time. */
  genesPerCell: z.int().min(1).max(10_000).default(20),
});

export const perturbSection = { perturb: PerturbSchema.nullable().default(null) };
