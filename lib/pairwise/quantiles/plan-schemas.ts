/** Number of passes, and the schemas of the plans that parts of a pass carry. */
import { z } from 'zod';
import type { CountPlan } from './count-plan.ts';
import type { KeyRun } from './key-runs.ts';
import type { RefinementPlan } from './refinement.ts';
import type { BinRanges, ValueGrid } from './value-grid.ts';

/** Largest number of refinements after the first pass: two times 16 bits distinguish any two 32-bit floats. */
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

/** Schema of runs, checked in one loop: a part may have 10⁵ of them, too many for a schema each. */
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
