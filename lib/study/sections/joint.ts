/** The key `joint`: pairs of measures whose joint distribution is drawn. */
import { z } from 'zod';

const DEFAULT_PAIRS: [string, string][] = [['expression-umap', 'rank-spearman']];

export const jointSection = {
  /** Pairs of measures, x then y. */
  joint: z.array(z.tuple([z.string().min(1), z.string().min(1)])).default(DEFAULT_PAIRS),
};
