/** Schema of the data that a part of an exact search receives. */
import { z } from 'zod';
import type { NearestPart } from './exact/parts.ts';

export const NearestPartSchema: z.ZodType<NearestPart> = z.strictObject({
  rowStart: z.int().min(0),
  rowEnd: z.int().min(0),
  columnStart: z.int().min(0),
  columnEnd: z.int().min(0),
});
