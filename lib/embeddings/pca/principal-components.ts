/**
 * Principal components by a truncated singular value decomposition of the centred rows, A − 1μᵀ ≈ U S Vᵀ.
 * What scikit-learn's `PCA(svd_solver='full')` computes, on sparse rows and without centring them in memory;
 * neither rows nor columns are scaled.
 */
import { leadingEigenpairs } from './block-lanczos.ts';
import type { CenteredRows } from './centered-rows.ts';

export interface PrincipalComponents {
  /** Coordinates U S, rows × dims, row-major. */
  readonly scores: Float32Array;
  /** Descending. The variance along component i is singularValues[i]² / (rows − 1). */
  readonly singularValues: Float64Array;
}

export interface PcaOptions {
  /** At most min(rows, columns). */
  readonly dims: number;
  /** Called now and then with the size of the basis so far; may throw, or yield to others. */
  onProgress?(basis: number): void | Promise<void>;
}

/**
 * Singular values below this share of the first are rounding errors of a matrix of lower rank (its square is the
 * precision of float64, for the values are roots of eigenvalues); so are those below this share of the
 * uncentred matrix, which is what is left of cells that are all equal.
 */
const RANK_TOLERANCE = 1e-7;
const CENTERING_TOLERANCE = 1e-12;

/**
 * @returns components in descending order of variance. The sign of a component is chosen so that its loading of
 *   the largest size (the first of them, if several are equally large) is positive, as in scikit-learn. A
 *   component beyond the rank of the rows has zeros for coordinates.
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

/** Sign of the entry of column `c` with the largest size. */
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
