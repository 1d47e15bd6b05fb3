import type { Reader } from '../reader.ts';
import { readObsm } from './obsm.ts';
import { isHdf5, READS } from './recognise.ts';
import { openH5ad } from './source.ts';

export const h5ad: Reader = {
  name: 'h5ad',
  reads: READS,
  recognise: isHdf5,
  open: openH5ad,
  async inspect(path, known) {
    const { inspectH5ad } = await import('./inspect.ts');
    return inspectH5ad(path, known);
  },
  embedding: readObsm,
};
