/** The key `diagnostics`: options of the report on what an encoding leaves out of a cell; null: no report. */
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
