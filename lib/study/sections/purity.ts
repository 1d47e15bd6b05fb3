/** The key `purity`: numbers of nearest neighbours whose labels are counted. */
import { z } from 'zod';

export const puritySection = {
  purity: z
    .strictObject({
      /** Numbers of neighbours at which purity is counted; none for []. */
      k: z.array(z.int().min(1).max(1000)).default([15, 50]),
    })
    .prefault({}),
};
