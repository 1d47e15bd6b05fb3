/** What a part of a joint histogram is told. */
import { z } from 'zod';
import type { HexGrid } from './hexagons.ts';
import type { JointPart } from './joint.ts';

const HexGridSchema: z.ZodType<HexGrid> = z.strictObject({
  x0: z.number(),
  y0: z.number(),
  stepX: z.number(),
  stepY: z.number(),
  xMax: z.number(),
  yMax: z.number(),
});

const JointPartSchema: z.ZodType<JointPart> = z.strictObject({
  from: z.int().min(0),
  to: z.int().min(0),
  pairs: z.int().min(0),
});

/** A share of the pairs of cells. */
export const JointPartDataSchema = z.strictObject({ grid: HexGridSchema, portion: JointPartSchema });
