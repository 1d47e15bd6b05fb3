/** The key `dataset`: where the cells come from. */
import { DatasetSchema } from '../../cells/dataset.ts';

export const datasetSection = { dataset: DatasetSchema };
