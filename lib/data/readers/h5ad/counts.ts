/** Conversion of stored rows to counts: columns ascending, no zeros, every value checked. */
import type { CsrBlock } from '../../../cells/csr.ts';
import { dataError } from '../../../errors.ts';
import { COUNTED_FROM_1, MAKE_AGAIN, type StoredRows } from './matrix.ts';

/** Largest count that a 32-bit float, the form of counts throughout the pipeline, holds exactly. */
export const LARGEST_COUNT = 2 ** 24;

/** Whether a value is a whole number from 0 to the largest count; NaN is not. */
export const isCount = (value: number): boolean =>
  value >= 0 && value <= LARGEST_COUNT && value === Math.floor(value);

export interface NotACount {
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

/**
 * Puts a block in canonical form. Entries of a row are sorted by column; several entries for the same gene are
 * summed, as scipy does; explicit zeros are dropped. `refuse` must throw: it is called for the first value or sum that
 * is not a whole number from 0 to 2²⁴. `where` names the matrix, should an entry lie outside of it.
 */
export function countBlock(
  stored: StoredRows,
  columns: number,
  refuse: (found: NotACount) => never,
  where?: string,
): CsrBlock & { readonly start: number } {
  const { start, rows, indptr, indices, values } = stored;
  const total = indptr[rows];
  const outIndptr = new Uint32Array(rows + 1);
  const outIndices = new Int32Array(total);
  const outValues = new Float32Array(total);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const rowStart = at;
    let last = -1;
    let isAscending = true;
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      const column = indices[i];
      const value = values[i];
      if (!(column >= 0 && column < columns)) {
        throw dataError(
          `the matrix is damaged: row ${start + row} has an entry in column ${column} of ${columns}`,
          {
            where,
            expected: `column numbers from 0 to ${columns - 1}`,
            hint: indices.every((i) => i >= 1 && i <= columns) ? COUNTED_FROM_1 : MAKE_AGAIN,
          },
        );
      }
      if (!isCount(value)) refuse({ row: start + row, column, value });
      if (value === 0) continue;
      if (column <= last) isAscending = false;
      last = column;
      outIndices[at] = column;
      outValues[at++] = value;
    }
    if (!isAscending) at = sortRow(outIndices, outValues, rowStart, at, start + row, refuse);
    outIndptr[row + 1] = at;
  }
  return {
    start,
    rows,
    columns,
    indptr: outIndptr,
    indices: outIndices.subarray(0, at),
    values: outValues.subarray(0, at),
  };
}

/**
 * Sorts the entries [from, to) by column and sums those of the same column. Sums are exact (in doubles, of counts up
 * to 2²⁴) and must be counts like any value. Returns the new end.
 */
function sortRow(
  indices: Int32Array,
  values: Float32Array,
  from: number,
  to: number,
  row: number,
  refuse: (found: NotACount) => never,
): number {
  const order = Array.from({ length: to - from }, (_, i) => from + i);
  order.sort((a, b) => indices[a] - indices[b] || a - b);
  const sorted = order.map((i) => [indices[i], values[i]]);
  let at = from;
  for (let i = 0; i < sorted.length; at++) {
    const column = sorted[i][0];
    let sum = 0;
    for (; i < sorted.length && sorted[i][0] === column; i++) sum += sorted[i][1];
    if (!isCount(sum)) refuse({ row, column, value: sum });
    indices[at] = column;
    values[at] = sum;
  }
  return at;
}
