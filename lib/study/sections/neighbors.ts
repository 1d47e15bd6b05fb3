/** The key `neighbors`: how nearest neighbours are found. */
import { z } from 'zod';

export const neighborsSection = {
  neighbors: z
    .strictObject({
      /** With more cells than this, neighbours are found by descent; null: never. */
      exactUpTo: z.int().min(1).nullable().default(200_000),
    })
    .prefault({}),
};
