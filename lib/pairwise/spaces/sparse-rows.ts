/** Sparse rows in the form that the kernels take: in the wanted order, and without the columns that no row uses. */
import type { Csr, CsrBlock } from '../../cells/csr.ts';
import { dataError } from '../../errors.ts';
import type { SparseRows } from '../../kernels/pairs.ts';
import type { RowSource } from './row-source.ts';

/**
 * Renumbering of columns by use, the most used first, so that the part of a panel that is read most stays in the nearest
 * cache. `numberOf` gives the new number of an old column; the columns in use get the numbers 0 … `used` − 1.
 */
export interface ColumnOrder {
  readonly numberOf: Uint32Array;
  readonly used: number;
}

/** Reads the sizes needed to lay out rows: their columns by use, and the number of entries of each row. */
export async function rowSizes(source: RowSource): Promise<{ by: ColumnOrder; entries: Uint32Array }> {
  const uses = new Uint32Array(source.columns);
  const entries = new Uint32Array(source.rows);
  for await (const block of source.blocks()) {
    addUses(uses, block);
    for (let row = 0; row < block.rows; row++) {
      entries[block.start + row] = block.indptr[row + 1] - block.indptr[row];
    }
  }
  return { by: byUse(uses), entries };
}

function addUses(uses: Uint32Array, block: CsrBlock & { readonly start: number }): void {
  const { rows, indptr, indices, values } = block;
  const nnz = indptr[rows];
  for (let e = 0; e < nnz; e++) {
    if (!(Math.abs(values[e]) < LARGEST)) throw badValue(block, e);
    uses[indices[e]]++;
  }
}

/** Numbers columns by use. @param uses number of rows that use each column */
export function byUse(uses: Uint32Array): ColumnOrder {
  const inUse = Uint32Array.from(uses.keys())
    .filter((column) => uses[column] > 0)
    .sort((a, b) => uses[b] - uses[a] || a - b);
  const numberOf = new Uint32Array(uses.length);
  for (let number = 0; number < inUse.length; number++) numberOf[inUse[number]] = number;
  return { numberOf, used: inUse.length };
}

/** Returns the row pointers of the rows `order` of a matrix, stored one after the other. */
function orderedIndptr({ indptr }: Csr, order: Int32Array): Uint32Array {
  const starts = new Uint32Array(order.length + 1);
  for (let i = 0; i < order.length; i++) starts[i + 1] = starts[i] + indptr[order[i] + 1] - indptr[order[i]];
  return starts;
}

/**
 * Returns the rows `order` of a matrix, with columns numbered by use. Entries of a row keep their order, so that sums over
 * them keep their bits.
 *
 * @throws a data error if a value is not finite, or so large that a distance would overflow (see `LARGEST`)
 */
export function prepareRows(matrix: Csr, order: Int32Array): SparseRows {
  const { values, indptr } = matrix;
  const uses = new Uint32Array(matrix.columns);
  addUses(uses, { ...matrix, start: 0 });
  const by = byUse(uses);
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

/** Upper bound of absolute values: squares of smaller numbers, summed over a row, stay within 32-bit floats. */
export const LARGEST = 1e15;

function badValue(block: CsrBlock & { readonly start: number }, entry: number): Error {
  let row = 0;
  while (block.indptr[row + 1] <= entry) row++;
  return dataError(`a value of ${block.values[entry]} cannot be compared`, {
    expected: `finite numbers below ${LARGEST}`,
    where: `row ${block.start + row}, column ${block.indices[entry]} (counted from 0)`,
  });
}
