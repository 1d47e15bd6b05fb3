import type { Reader } from '../reader.ts';
import { isHdf5, READS } from './recognise.ts';

/**
 * Reader for .h5ad files. Code that opens files is imported only when one is opened: commands that read no file do not
 * wait for it.
 */
export const h5ad: Reader = {
  name: 'h5ad',
  reads: READS,
  recognise: isHdf5,
  async open(path, options) {
    const { openH5ad } = await import('./source.ts');
    return openH5ad(path, options);
  },
  async inspect(path, known) {
    const { inspectH5ad } = await import('./inspect.ts');
    return inspectH5ad(path, known);
  },
  async embedding(path, name, options) {
    const { readObsm } = await import('./obsm.ts');
    return readObsm(path, name, options);
  },
};
