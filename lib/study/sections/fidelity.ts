/** The key `fidelity`: reference and metrics that every encoding is compared with; null: no comparison. */
import { z } from 'zod';
import { CEILINGS, FLOORS } from '../../evaluation/fidelity/view.ts';
import { METRICS } from '../../pairwise/spaces/metric.ts';

const FidelitySchema = z.strictObject({
  /** Name of the encoding that all others are compared with; null: the first `lognorm`, else the first of all. */
  reference: z.string().min(1).nullable().default(null),
  metrics: z.array(z.enum(METRICS)).default(['spearman', 'pearson', 'cosine', 'euclidean']),
  /** Metric of ceilings and floors; every metric of an encoding is also compared with it. */
  referenceMetric: z.enum(METRICS).default('pearson'),
  /** Numbers of nearest neighbours. */
  neighbors: z.array(z.int().min(1).max(1000)).default([15, 50]),
  /** Resamples of cells, and of types, for intervals; 0: none. */
  bootstrap: z.int().min(0).max(10_000).default(200),
  /** Replicates of everything that draws random numbers. */
  seeds: z.int().min(1).max(100).default(3),
  controls: z.array(z.enum([...CEILINGS, ...FLOORS])).default([...CEILINGS, ...FLOORS]),
});

export const fidelitySection = { fidelity: FidelitySchema.nullable().prefault({}) };
