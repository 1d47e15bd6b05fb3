/** Picks rows and columns out of a block of a sparse matrix. */
import type { CsrBlock } from './csr.ts';

/** Map of old columns to new ones, ascending; −1 for columns that are dropped. */
export interface ColumnMap {
  readonly to: Int32Array;
  readonly columns: number;
}

export function columnMap(kept: readonly boolean[]): ColumnMap {
  let columns = 0;
  const to = Int32Array.from(kept, (keep) => (keep ? columns++ : -1));
  return { to, columns };
}

/** Selects the given rows of the block (ascending, counted within it), with the columns of `map`. */
export function selectBlock(block: CsrBlock, rows: readonly number[], map: ColumnMap): CsrBlock {
  let entries = 0;
  for (const row of rows) entries += block.indptr[row + 1] - block.indptr[row];
  const indptr = new Uint32Array(rows.length + 1);
  const indices = new Int32Array(entries);
  const values = new Float32Array(entries);
  let nnz = 0;
  for (const [i, row] of rows.entries()) {
    for (let j = block.indptr[row]; j < block.indptr[row + 1]; j++) {
      const column = map.to[block.indices[j]];
      if (column < 0) continue;
      indices[nnz] = column;
      values[nnz++] = block.values[j];
    }
    indptr[i + 1] = nnz;
  }
  return {
    rows: rows.length,
    columns: map.columns,
    indptr,
    indices: indices.subarray(0, nnz),
    values: values.subarray(0, nnz),
  };
}
