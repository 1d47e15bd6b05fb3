/** Schema of the data that a part of a joint histogram receives. */
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

/** Grid of the histogram, and the share of the pairs of cells that the part counts. */
export const JointPartDataSchema = z.strictObject({ grid: HexGridSchema, portion: JointPartSchema });
