/** Which matrix of the file holds the counts. */
import { dataError } from '../../errors.ts';
import type { Hdf5File } from './hdf5.ts';
import { listMatrices, type Matrix } from './matrix.ts';
import { lookAt } from './sample.ts';

/** Layers by which people mean counts, in the order in which they are tried. */
const COUNT_LAYERS = ['counts', 'raw_counts', 'count', 'raw', 'umi', 'umis', 'umi_counts'];

/**
 * The matrix that the config names; with 'auto' the first of X, raw/X and the layers named like counts whose
 * sampled values look like counts.
 */
export function chooseMatrix(file: Hdf5File, wanted: string): Matrix {
  const matrices = listMatrices(file);
  const where = file.path;
  if (matrices.length === 0) {
    throw dataError('the file holds no matrix: there is no X, no raw/X and no layer', {
      expected: 'counts of cells × genes in X, raw/X or a layer',
      where,
    });
  }
  if (wanted !== 'auto') {
    const matrix = matrices.find(({ name }) => name === wanted);
    if (matrix === undefined) {
      throw dataError(`the file has no matrix ${wanted}`, {
        expected: `one of ${matrices.map(({ name }) => name).join(', ')}, or auto`,
        where,
        hint: 'Set dataset.matrix.',
      });
    }
    return requireCells(file, matrix);
  }
  const tried = autoOrder(matrices);
  for (const matrix of tried) {
    if (['counts', 'empty'].includes(lookAt(file, requireCells(file, matrix)).look)) return matrix;
  }
  const others = matrices.filter(
    (matrix) => !tried.includes(matrix) && matrix.rows > 0 && matrix.columns > 0,
  );
  const countsElsewhere = others.filter((matrix) => lookAt(file, matrix).look === 'counts');
  throw dataError(`no matrix of the file looks like counts: ${describeMatrices(file, tried)}`, {
    expected: 'raw counts: whole numbers, 0 or more, in X, raw/X or layers/counts',
    where,
    hint:
      countsElsewhere.length > 0
        ? `${countsElsewhere.map(({ name }) => name).join(', ')} looks like counts: name it in dataset.matrix if these are the raw counts.`
        : 'Encodings are made from raw counts: write them to layers["counts"] of the file, or use the file from before normalisation.',
  });
}

/** X, then raw/X, then the layers that are called counts. */
export function autoOrder(matrices: readonly Matrix[]): Matrix[] {
  const place = ({ name }: Matrix) => {
    if (name === 'X') return 0;
    if (name === 'raw/X') return 1;
    const layer = name.slice('layers/'.length).toLowerCase();
    const known = COUNT_LAYERS.indexOf(layer);
    return known >= 0 ? 2 + known : layer.includes('count') || layer.includes('umi') ? 100 : Infinity;
  };
  return matrices
    .filter((matrix) => place(matrix) < Infinity)
    .sort((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
}

/** 'X looks log-normalised (…); raw/X looks scaled (…)'. */
export const describeMatrices = (file: Hdf5File, matrices: readonly Matrix[]): string =>
  matrices.map((matrix) => `${matrix.name} ${lookAt(file, matrix).text}`).join('; ');

function requireCells(file: Hdf5File, matrix: Matrix): Matrix {
  if (matrix.rows > 0 && matrix.columns > 0) return matrix;
  throw dataError(`${matrix.name} is empty: ${matrix.rows} cells × ${matrix.columns} genes`, {
    expected: 'at least one cell and one gene',
    where: file.path,
  });
}
