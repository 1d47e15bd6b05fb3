/** The key `compare`: pairs of measures whose joint distribution is drawn. */
import { z } from 'zod';

const DEFAULT_COMPARE: [string, string][] = [['expression-umap', 'rank-spearman']];

export const compareSection = {
  /** Pairs of measures, x then y. */
  compare: z.array(z.tuple([z.string().min(1), z.string().min(1)])).default(DEFAULT_COMPARE),
};
