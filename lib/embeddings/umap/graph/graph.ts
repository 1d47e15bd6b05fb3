/** Symmetric sparse matrix by rows (CSR): columns ascend within a row, the diagonal is empty, weights are above 0. */
export interface Graph {
  readonly cells: number;
  /** Row pointers, cells + 1. */
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly weights: Float32Array;
}
