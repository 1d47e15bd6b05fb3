/** The key `diagnostics`: how what an encoding leaves out of a cell is told; null: it is not. */
import { z } from 'zod';

export const diagnosticsSection = {
  diagnostics: z
    .strictObject({
      /** Cells, in equal shares of all types, whose pairs are compared by overlap, union and intersection. */
      cells: z.int().min(2).max(5000).default(1000),
    })
    .nullable()
    .prefault({}),
};
