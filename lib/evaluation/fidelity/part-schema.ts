/** Schema of the data that a part of a profile receives: the pairs of its units are counted, or refined by `refinement`. */
import { z } from 'zod';
import { ValueGridSchema } from '../../pairwise/quantiles/plan-schemas.ts';
import type { PackedRefinement } from './packed-refinement.ts';

const PackedRefinementSchema: z.ZodType<PackedRefinement> = z.strictObject({
  grid: ValueGridSchema,
  scopes: z.string(),
  split: z.array(z.strictObject({ group: z.int().min(0), runs: z.string() })),
});

export const UnitsSchema = z.strictObject({
  units: z.array(
    z.strictObject({
      view: z.int().min(0),
      from: z.int().min(0),
      to: z.int().min(0),
      refinement: PackedRefinementSchema.optional(),
    }),
  ),
});

/** Unit of a part. */
export type PartUnit = z.output<typeof UnitsSchema>['units'][number];
