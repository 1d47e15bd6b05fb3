/** Rows of an encoding as sets of detected genes: those with a value above 0. */
import type { Csr } from '../../cells/csr.ts';
import { dataError } from '../../errors.ts';
import type { SparseRows, Tile, TileValues } from '../../kernels/pairs.ts';
import { prepareRows } from './sparse-rows.ts';

/**
 * Returns the rows `order` of a matrix, as `prepareRows` does.
 *
 * @throws a data error if a stored value is not above 0: zeros are not stored, and a negative value is no detected gene
 */
export function detectedRows(matrix: Csr, metric: string, order: Int32Array): SparseRows {
  const rows = prepareRows(matrix, order);
  const wrong = rows.values.find((value) => value <= 0);
  if (wrong !== undefined) {
    throw dataError(`the metric ${metric} of an encoding that stores ${wrong}`, {
      expected: 'values above 0: a gene that is not stored is one that is not detected',
    });
  }
  return rows;
}

/**
 * Returns a function that computes tiles row by row, pair by pair.
 *
 * @param computeRow writes the values of `row` with the columns [start, end) to `out`, from `at` on
 */
export function rowByRow(
  computeRow: (row: number, start: number, end: number, out: Float32Array, at: number) => void,
): (tile: Tile) => TileValues {
  let out = new Float32Array(0);
  return ({ rowStart, rowEnd, columnStart, columnEnd, upper }) => {
    const stride = columnEnd - columnStart;
    if (out.length < (rowEnd - rowStart) * stride) out = new Float32Array((rowEnd - rowStart) * stride);
    for (let row = rowStart; row < rowEnd; row++) {
      const start = upper ? Math.max(columnStart, row + 1) : columnStart;
      if (start < columnEnd)
        computeRow(row, start, columnEnd, out, (row - rowStart) * stride + start - columnStart);
    }
    return { values: out, stride };
  };
}

/** Returns a correlation from whole numbers, rounded once; NaN if one of the variances is 0. */
export function correlation(covariance: number, varianceX: number, varianceY: number): number {
  // + 0 turns −0 into +0, so that equal values have equal bits. Equal rows give exactly 1.
  return Math.max(-1, Math.min(1, covariance / Math.sqrt(varianceX * varianceY))) + 0;
}
