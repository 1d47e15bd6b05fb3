/** Sparse rows as the kernels take them: in the wanted order, and without the columns that no row uses. */
import type { Csr } from '../cells/csr.ts';
import { dataError } from '../errors.ts';
import type { SparseRows } from '../kernels/pairs.ts';

/**
 * Rows `order` of a matrix. Columns are numbered anew, the most used first, so that the part of a panel which is
 * read most stays in the nearest cache; entries of a row keep their order, and with it every sum its bits.
 *
 * @throws if a value is not finite, or so large that a distance would not be
 */
export function prepareRows(matrix: Csr, order: Int32Array): SparseRows {
  const { values, indptr } = matrix;
  const nnz = indptr[matrix.rows];
  for (let e = 0; e < nnz; e++) {
    if (!(Math.abs(values[e]) < LARGEST)) throw badValue(matrix, e);
  }
  const used = new Uint32Array(matrix.columns);
  for (let e = 0; e < nnz; e++) used[matrix.indices[e]]++;
  const byUse = Uint32Array.from(used.keys())
    .filter((column) => used[column] > 0)
    .sort((a, b) => used[b] - used[a] || a - b);
  const rankOf = new Uint32Array(matrix.columns);
  for (let rank = 0; rank < byUse.length; rank++) rankOf[byUse[rank]] = rank;

  const rows: SparseRows = {
    rows: order.length,
    columns: byUse.length,
    indptr: new Uint32Array(order.length + 1),
    indices: new Uint32Array(nnz),
    values: new Float32Array(nnz),
  };
  let at = 0;
  for (let i = 0; i < order.length; i++) {
    for (let e = indptr[order[i]]; e < indptr[order[i] + 1]; e++) {
      rows.indices[at] = rankOf[matrix.indices[e]];
      rows.values[at] = values[e];
      at++;
    }
    rows.indptr[i + 1] = at;
  }
  return rows;
}

/** Squares of smaller numbers, summed over a row, stay within 32-bit floats. */
export const LARGEST = 1e15;

function badValue(matrix: Csr, entry: number): Error {
  let row = 0;
  while (matrix.indptr[row + 1] <= entry) row++;
  return dataError(`a value of ${matrix.values[entry]} cannot be compared`, {
    expected: `finite numbers below ${LARGEST}`,
    where: `row ${row}, column ${matrix.indices[entry]} (counted from 0)`,
  });
}
