/** The key `neighbors`: search for nearest neighbours. */
import { z } from 'zod';

export const neighborsSection = {
  neighbors: z
    .strictObject({
      /** Largest number of cells with an exact search; above it, nearest-neighbour descent is used; null: never. */
      exactUpTo: z.int().min(1).nullable().default(200_000),
    })
    .prefault({}),
};
