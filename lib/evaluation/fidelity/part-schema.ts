/** What a part of a comparison is told: the pairs of its units are counted, or looked at again as `look` says. */
import { z } from 'zod';
import { ValueGridSchema } from '../../pairwise/quantiles/plan-schemas.ts';
import type { PackedLook } from './packed-refinement.ts';

const PackedLookSchema: z.ZodType<PackedLook> = z.strictObject({
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
      look: PackedLookSchema.optional(),
    }),
  ),
});

/** One unit of a part. */
export type PartUnit = z.output<typeof UnitsSchema>['units'][number];
