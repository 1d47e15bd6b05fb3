/** The key `subset`: choice of the cells, types and genes that take part. */
import { SubsetSchema } from '../../cells/subset-options.ts';

export const subsetSection = { subset: SubsetSchema.prefault({}) };
