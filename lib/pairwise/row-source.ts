/** Rows that can be gone through more than once, some at a time: those of a file, or of a matrix in memory. */
import type { Csr, CsrBlock } from '../cells/csr.ts';

/** A `MatrixReader` is one. */
export interface RowSource {
  readonly rows: number;
  readonly columns: number;
  /** In order. A block may be overwritten by the next. */
  blocks(): AsyncIterable<CsrBlock & { readonly start: number }>;
}

export const inMemory = (matrix: Csr): RowSource => ({
  rows: matrix.rows,
  columns: matrix.columns,
  async *blocks() {
    yield { ...matrix, start: 0 };
  },
});
