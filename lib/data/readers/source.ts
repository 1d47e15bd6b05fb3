/** Opens whatever the config names as the source of cells. */
import { type DatasetConfig, isSimulated } from '../../cells/dataset.ts';
import { simulatedSource } from '../../cells/simulated/simulate.ts';
import type { CellSource } from '../../cells/source.ts';
import type { ExternalFile } from '../../flow/stage.ts';
import { openH5ad } from './h5ad/source.ts';

/**
 * The cells of a dataset. For a file, `file` says where it lies (params hold no path); the caller closes the
 * source. All problems with the file are data errors.
 */
export async function openSource(dataset: DatasetConfig, file?: ExternalFile): Promise<CellSource> {
  if (isSimulated(dataset)) return simulatedSource(dataset);
  return openH5ad(file?.path ?? dataset.source, dataset);
}
