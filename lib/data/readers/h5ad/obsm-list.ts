/** List of the embeddings in a file, without reading them. */
import type { Hdf5File } from './hdf5.ts';
import { unlessRefused } from './hdf5-errors.ts';

export interface ObsmArray {
  /** Name of the array under obsm: 'X_pca'. */
  readonly name: string;
  readonly rows: number;
  readonly dims: number;
}

/** Lists the numeric arrays of cells × dimensions under obsm, in the file's order, as far as they can be reached. */
export function listObsm(file: Hdf5File): ObsmArray[] {
  const names = unlessRefused(() => file.keys('obsm')) ?? [];
  return names.flatMap((name) => {
    const info = unlessRefused(() =>
      file.kind(`obsm/${name}`) === 'dataset' ? file.dataset(`obsm/${name}`) : undefined,
    );
    if (info === undefined) return [];
    const { shape, class: kind } = info;
    const isNumeric = kind === 'float' || kind === 'integer';
    return isNumeric && shape.length === 2 ? [{ name, rows: shape[0], dims: shape[1] }] : [];
  });
}
