/** Sparse rows as the kernels take them: in the wanted order, and without the columns that no row uses. */
import type { Csr } from '../cells/csr.ts';
import { dataError } from '../errors.ts';
import type { SparseRows } from '../kernels/pairs.ts';

/** Columns numbered anew, the most used first: `numberOf` an old column; those in use are the first `used`. */
export interface ColumnOrder {
  readonly numberOf: Uint32Array;
  readonly used: number;
}

/**
 * The columns of a matrix by use, so that the part of a panel which is read most stays in the nearest cache.
 *
 * @throws if a value is not finite, or so large that a distance would not be
 */
export function columnsByUse({ rows, columns, indptr, indices, values }: Csr): ColumnOrder {
  const nnz = indptr[rows];
  const uses = new Uint32Array(columns);
  for (let e = 0; e < nnz; e++) {
    if (!(Math.abs(values[e]) < LARGEST)) throw badValue({ rows, columns, indptr, indices, values }, e);
    uses[indices[e]]++;
  }
  const byUse = Uint32Array.from(uses.keys())
    .filter((column) => uses[column] > 0)
    .sort((a, b) => uses[b] - uses[a] || a - b);
  const numberOf = new Uint32Array(columns);
  for (let number = 0; number < byUse.length; number++) numberOf[byUse[number]] = number;
  return { numberOf, used: byUse.length };
}

/** Where the rows `order` of a matrix begin when they follow each other. */
export function orderedIndptr({ indptr }: Csr, order: Int32Array): Uint32Array {
  const starts = new Uint32Array(order.length + 1);
  for (let i = 0; i < order.length; i++) starts[i + 1] = starts[i] + indptr[order[i] + 1] - indptr[order[i]];
  return starts;
}

/**
 * Rows `order` of a matrix, with columns by use; entries of a row keep their order, and with it every sum its bits.
 *
 * @throws as `columnsByUse`
 */
export function prepareRows(matrix: Csr, order: Int32Array, by = columnsByUse(matrix)): SparseRows {
  const { values, indptr } = matrix;
  const starts = orderedIndptr(matrix, order);
  const nnz = starts[order.length];
  const rows: SparseRows = {
    rows: order.length,
    columns: by.used,
    indptr: starts,
    indices: new Uint32Array(nnz),
    values: new Float32Array(nnz),
  };
  let at = 0;
  for (let i = 0; i < order.length; i++) {
    for (let e = indptr[order[i]]; e < indptr[order[i] + 1]; e++) {
      rows.indices[at] = by.numberOf[matrix.indices[e]];
      rows.values[at] = values[e];
      at++;
    }
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
