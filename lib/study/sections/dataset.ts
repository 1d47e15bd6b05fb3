/** The key `dataset`: source of the cells. */
import { DatasetSchema } from '../../cells/dataset.ts';

export const datasetSection = { dataset: DatasetSchema };
