/** Embeddings that the file brings along: the arrays under obsm, one row a cell. */
import { dataError } from '../../errors.ts';
import type { Hdf5File } from './hdf5.ts';
import { readCellIds } from './ids.ts';
import { openAnnData, requireFrame } from './source.ts';

export interface ObsmArray {
  /** 'X_pca'. */
  readonly name: string;
  readonly rows: number;
  readonly dims: number;
}

/** The numeric arrays under obsm, in the file's order. */
export function listObsm(file: Hdf5File): ObsmArray[] {
  return file.keys('obsm').flatMap((name) => {
    if (file.kind(`obsm/${name}`) !== 'dataset') return [];
    const { shape, class: kind } = file.dataset(`obsm/${name}`);
    const isNumeric = kind === 'float' || kind === 'integer';
    return isNumeric && shape.length === 2 ? [{ name, rows: shape[0], dims: shape[1] }] : [];
  });
}

/**
 * Reads one array of obsm whole, row-major, with the ids of its cells in file order. `name` may start with
 * 'obsm/'. Errors: no such array (with those there are), a value that is not finite.
 */
export async function readObsm(
  path: string,
  name: string,
  cellId?: string,
): Promise<{ cellIds: string[]; dims: number; values: Float32Array }> {
  const file = await openAnnData(path);
  try {
    const key = name.replace(/^obsm\//, '');
    const arrays = listObsm(file);
    const array = arrays.find((candidate) => candidate.name === key);
    if (array === undefined) {
      throw dataError(`the file has no embedding obsm/${key}`, {
        expected: 'a numeric array of cells × dimensions under obsm',
        where: path,
        hint:
          arrays.length > 0
            ? `There is: ${arrays.map((other) => `obsm/${other.name} (${other.dims} dimensions)`).join(', ')}`
            : 'Its obsm holds no such array.',
      });
    }
    const cellIds = readCellIds(path, requireFrame(file, 'obs', array.rows), cellId);
    const values = Float32Array.from(file.numbers(`obsm/${key}`));
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      const cell = Math.floor(bad / array.dims);
      throw dataError(`obsm/${key} holds ${values[bad]} for cell ${cellIds[cell]}`, {
        expected: 'finite coordinates',
        where: `${path}: obsm/${key}, row ${cell + 1}, column ${(bad % array.dims) + 1}`,
      });
    }
    return { cellIds, dims: array.dims, values };
  } finally {
    file.close();
  }
}
