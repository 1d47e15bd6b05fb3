/** Which embeddings a file brings along, without reading them. */
import type { Hdf5File } from './hdf5.ts';

export interface ObsmArray {
  /** 'X_pca'. */
  readonly name: string;
  readonly rows: number;
  readonly dims: number;
}

/** The numeric arrays of cells × dimensions under obsm, in the file's order. */
export function listObsm(file: Hdf5File): ObsmArray[] {
  return file.keys('obsm').flatMap((name) => {
    if (file.kind(`obsm/${name}`) !== 'dataset') return [];
    const { shape, class: kind } = file.dataset(`obsm/${name}`);
    const isNumeric = kind === 'float' || kind === 'integer';
    return isNumeric && shape.length === 2 ? [{ name, rows: shape[0], dims: shape[1] }] : [];
  });
}
