/** Sparse matrices by row (compressed sparse row, CSR): cells are rows, genes are columns. */

/** A block of consecutive rows. Within a row, `indices` ascend strictly and no stored value is zero. */
export interface CsrBlock {
  readonly rows: number;
  readonly columns: number;
  /** Length rows + 1; row i's entries are indptr[i] … indptr[i + 1] − 1. Starts at 0. */
  readonly indptr: Uint32Array;
  /** Column of each entry. */
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** A whole matrix in memory. */
export type Csr = CsrBlock;
