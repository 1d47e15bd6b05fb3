/** Which matrix of the file holds the counts. */
import { dataError, type RankloomError } from '../../errors.ts';
import type { NotACount } from './counts.ts';
import { openFrame } from './frame.ts';
import type { Hdf5File } from './hdf5.ts';
import { listMatrices, type Matrix } from './matrix.ts';
import { lookAt, looksLikeCounts, type Sample } from './sample.ts';

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
      // What is there but cannot be reached says so itself.
      file.kind(wanted);
      throw dataError(`the file has no matrix ${wanted}`, {
        expected: `one of ${matrices.map(({ name }) => name).join(', ')}, or auto`,
        where,
        hint: 'Set dataset.matrix.',
      });
    }
    return requireCells(file, matrix);
  }
  const tried = autoOrder(matrices);
  const looks: { matrix: Matrix; look: Sample }[] = [];
  for (const matrix of tried) {
    const look = lookAt(file, requireCells(file, matrix));
    if (look.look === 'counts' || look.look === 'empty') return matrix;
    looks.push({ matrix, look });
  }
  throw refuse(file, matrices, looks);
}

/** Names, for each matrix that was tried, a cell and gene whose value is no count, and what it looks like. */
function refuse(
  file: Hdf5File,
  matrices: readonly Matrix[],
  looks: readonly { matrix: Matrix; look: Sample }[],
): RankloomError {
  const findings = looks.map(({ matrix, look }) => {
    const found = look.offender && `holds ${describeOffender(file, matrix, look.offender)} and `;
    return `${matrix.name} ${found ?? ''}${look.text}`;
  });
  const others = matrices.filter((matrix) => !looks.some((tried) => tried.matrix === matrix));
  const counts = others.filter((matrix) => looksLikeCounts(file, matrix));
  return dataError(
    findings.length > 0
      ? `no counts found: ${findings.join('; ')}`
      : 'no counts found: there is no X and no raw/X',
    {
      expected: 'raw counts (whole numbers, 0 or more) in X, raw/X or layers/counts',
      where: file.path,
      hint:
        counts.length > 0
          ? `${counts.map(({ name }) => name).join(', ')} looks like counts: name it in dataset.matrix if these are the raw counts.`
          : 'Encodings are made from raw counts: write them to layers["counts"] of the file, or use the file from before normalisation.',
    },
  );
}

/** '1.62 for gene CD3D in cell AAAC-1'. */
export function describeOffender(file: Hdf5File, matrix: Matrix, offender: NotACount): string {
  const cell = openFrame(file, 'obs')?.index()[offender.row] ?? `number ${offender.row + 1}`;
  const gene = openFrame(file, matrix.var)?.index()[offender.column] ?? `number ${offender.column + 1}`;
  // Seven digits are all that a 32-bit float means.
  const value = Number.isInteger(offender.value) ? offender.value : Number(offender.value.toPrecision(7));
  return `${value} for gene ${gene} in cell ${cell}`;
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

function requireCells(file: Hdf5File, matrix: Matrix): Matrix {
  if (matrix.problem !== undefined) throw matrix.problem;
  if (matrix.rows > 0 && matrix.columns > 0) return matrix;
  throw dataError(`${matrix.name} is empty: ${matrix.rows} cells × ${matrix.columns} genes`, {
    expected: 'at least one cell and one gene',
    where: file.path,
  });
}
