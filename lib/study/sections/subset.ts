/** The key `subset`: which cells, types and genes take part. */
import { SubsetSchema } from '../../cells/subset-options.ts';

export const subsetSection = { subset: SubsetSchema.prefault({}) };
