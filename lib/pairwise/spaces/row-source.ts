/** Rows that can be iterated more than once, in blocks: rows of a file, of a matrix in memory, or computed while read. */
import type { Csr, CsrBlock } from '../../cells/csr.ts';
import type { MatrixMetadata, MatrixReader } from '../../data/kinds/types.ts';

/** Source of sparse rows that can be iterated more than once; a `MatrixReader` is one. */
export interface RowSource {
  readonly rows: number;
  readonly columns: number;
  /** Iterates over blocks of rows, in order. A block may be overwritten by the next. */
  blocks(): AsyncIterable<CsrBlock & { readonly start: number }>;
  /** All rows, if they are in memory anyway. */
  readonly whole?: Csr;
}

/** Input that a space is opened from: a `MatrixInput`, or rows with the same interface. */
export interface RowsInput {
  readonly kind: 'matrix';
  open(): Promise<RowsReader>;
}
export type RowsReader = Pick<MatrixReader, 'rows' | 'columns' | 'metadata' | 'blocks' | 'close'>;
export type RowBlock = CsrBlock & { readonly start: number; readonly cellIds: string[] };

export const inMemory = (matrix: Csr): RowSource => ({
  rows: matrix.rows,
  columns: matrix.columns,
  whole: matrix,
  async *blocks() {
    yield { ...matrix, start: 0 };
  },
});

/** Reads all rows into memory. */
export async function readRows(source: RowSource): Promise<Csr> {
  if (source.whole !== undefined) return source.whole;
  const { rows, columns } = source;
  let nnz = 0;
  for await (const { rows: n, indptr } of source.blocks()) nnz += indptr[n];
  const all = {
    rows,
    columns,
    indptr: new Uint32Array(rows + 1),
    indices: new Int32Array(nnz),
    values: new Float32Array(nnz),
  };
  let entries = 0;
  for await (const { start, rows: n, indptr, indices, values } of source.blocks()) {
    for (let i = 1; i <= n; i++) all.indptr[start + i] = entries + indptr[i];
    all.indices.set(indices.subarray(0, indptr[n]), entries);
    all.values.set(values.subarray(0, indptr[n]), entries);
    entries += indptr[n];
  }
  return all;
}

/**
 * Maps the rows of a matrix, block by block, again at every read.
 *
 * @param map keeps the number of rows of a block
 */
export function mapRows(
  input: RowsInput,
  map: (block: RowBlock) => RowBlock,
  mapMetadata: (metadata: MatrixMetadata) => MatrixMetadata = (metadata) => metadata,
): RowsInput {
  return {
    kind: 'matrix',
    async open() {
      const reader = await input.open();
      return {
        rows: reader.rows,
        columns: reader.columns,
        metadata: mapMetadata(reader.metadata),
        async *blocks() {
          for await (const block of reader.blocks()) yield map(block);
        },
        close: () => reader.close(),
      };
    },
  };
}
