/**
 * Principal components by a truncated singular value decomposition of the centred rows, A − 1μᵀ ≈ U S Vᵀ. The result is
 * that of scikit-learn's `PCA(svd_solver='full')`, but also for sparse rows, which are not centred in memory; neither rows
 * nor columns are scaled.
 */
import { leadingEigenpairs } from './block-lanczos.ts';
import type { CenteredRows } from './centered-rows.ts';

export interface PrincipalComponents {
  /** Coordinates U S, rows × dims, row-major. */
  readonly scores: Float32Array;
  /** Singular values, descending. The variance along component i is singularValues[i]² / (rows − 1). */
  readonly singularValues: Float64Array;
}

export interface PcaOptions {
  /** Number of components, at most min(rows, columns). */
  readonly dims: number;
  /** Called from time to time with the size of the basis so far; may throw, or yield to other work. */
  onProgress?(basis: number): void | Promise<void>;
}

/**
 * Shares below which singular values are rounding errors of a matrix of lower rank: `RANK_TOLERANCE` of the first singular
 * value (its square is about the precision of float64, since singular values are roots of eigenvalues), and
 * `CENTERING_TOLERANCE` of the norm of the uncentred matrix, which remains if all cells are equal.
 */
const RANK_TOLERANCE = 1e-7;
const CENTERING_TOLERANCE = 1e-12;

/**
 * Computes the first principal components of centred rows.
 *
 * @returns components in descending order of variance. The sign of a component is such that its loading of the largest
 *   absolute value (the first one, if several are equal) is positive, as in scikit-learn. The coordinates of a component
 *   beyond the rank of the rows are zeros.
 */
export async function principalComponents(
  rows: CenteredRows,
  options: PcaOptions,
): Promise<PrincipalComponents> {
  const { dims, onProgress } = options;
  if (dims > Math.min(rows.rows, rows.columns)) {
    throw new RangeError(`Internal error: expected at most min(rows, columns) components, got ${dims}`);
  }
  const { values, vectors } = await leadingEigenpairs(rows.columns, dims, (x) => rows.gram(x), {
    afterBlock: onProgress,
  });
  const singularValues = values.map((value) => Math.sqrt(Math.max(0, value)));
  const noise = Math.max(RANK_TOLERANCE * singularValues[0], CENTERING_TOLERANCE * rows.norm);
  const coordinates = rows.multiply(vectors).data;
  const scores = new Float32Array(rows.rows * dims);
  for (let c = 0; c < dims; c++) {
    if (!(singularValues[c] > noise)) {
      singularValues[c] = 0;
      continue;
    }
    const sign = signOfLargest(vectors.data, c, dims);
    for (let i = 0; i < rows.rows; i++) scores[i * dims + c] = sign * coordinates[i * dims + c];
  }
  return { scores, singularValues };
}

/** Sign of the entry of column `c` with the largest absolute value. */
function signOfLargest(vectors: Float64Array, c: number, width: number): 1 | -1 {
  let largest = 0;
  let sign: 1 | -1 = 1;
  for (let at = c; at < vectors.length; at += width) {
    const size = Math.abs(vectors[at]);
    if (size > largest) {
      largest = size;
      sign = vectors[at] < 0 ? -1 : 1;
    }
  }
  return sign;
}
