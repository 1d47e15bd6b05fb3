/** Plans of passes: how many there may be, and the schemas of the parts that plans travel in. */
import { z } from 'zod';
import type { CountPlan } from './count-plan.ts';
import type { KeyRun } from './key-runs.ts';
import type { RefinementPlan } from './refinement.ts';
import type { BinRanges, ValueGrid } from './value-grid.ts';

/** Refinements after the first pass: twice the 16 bits that each adds tell any two floats apart. */
export const MOST_REFINEMENTS = 2;

export const ValueGridSchema: z.ZodType<ValueGrid> = z.strictObject({
  lo: z.number(),
  scale: z.number(),
  bins: z.int().min(0),
});

const BinRangesSchema: z.ZodType<BinRanges> = z.array(z.tuple([z.int(), z.int()]));

export const CountPlanSchema: z.ZodType<CountPlan> = z.strictObject({
  grid: ValueGridSchema,
  within: BinRangesSchema,
  between: BinRangesSchema,
  split: z.array(z.strictObject({ group: z.int().min(0), ranges: BinRangesSchema })),
});

/** Of runs there may be 10⁵ in a part: they are gone through once, without a schema for each. */
const KeyRunsSchema = z.custom<readonly KeyRun[]>(
  (runs) =>
    Array.isArray(runs) &&
    runs.every((run) => Array.isArray(run) && run.length === 3 && run.every(Number.isInteger)),
  'expected runs of three whole numbers',
);

export const RefinementPlanSchema: z.ZodType<RefinementPlan> = z.strictObject({
  grid: ValueGridSchema,
  scopes: KeyRunsSchema,
  split: z.array(z.strictObject({ group: z.int().min(0), runs: KeyRunsSchema })),
});
