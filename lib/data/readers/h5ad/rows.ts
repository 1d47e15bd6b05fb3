/** Rows of a matrix in file order, whatever its layout; memory is bounded in every layout. */
import { columnRows } from './csc.ts';
import type { Hdf5File, Numbers } from './hdf5.ts';
import { BLOCK_ENTRIES, BLOCK_ROWS, blockEnd, type Matrix, readIndptr, type StoredRows } from './matrix.ts';
import { SequentialReader } from './sequential.ts';

/** Streams rows [from, to) as stored. A block is valid until the next one is requested. */
export function* storedRows(
  file: Hdf5File,
  matrix: Matrix,
  from = 0,
  to = matrix.rows,
): Generator<StoredRows> {
  if (matrix.problem !== undefined) throw matrix.problem;
  const read = { csr: sparseRows, csc: columnRows, dense: denseRows }[matrix.layout];
  for (const block of read(file, matrix, from, to)) {
    yield { ...block, values: meantValues(matrix, block.values) };
  }
}

/** Values as they are meant: of booleans what is neither FALSE nor TRUE (R's NA, bytes of no level) is missing. */
export function meantValues({ dtype }: Matrix, values: Numbers): Numbers {
  const isMeant = (value: number) => value === 0 || value === 1;
  if (dtype !== 'boolean' || values.every(isMeant)) return values;
  return Float64Array.from(values, (value) => (isMeant(value) ? value : Number.NaN));
}

function* sparseRows(file: Hdf5File, matrix: Matrix, from: number, to: number): Generator<StoredRows> {
  const offsets = readIndptr(file, matrix);
  const data = new SequentialReader(file, `${matrix.path}/data`, offsets[to]);
  const columns = new SequentialReader(file, `${matrix.path}/indices`, offsets[to]);
  for (let start = from; start < to; ) {
    const end = blockEnd(offsets, start, to);
    const first = offsets[start];
    const indptr = Uint32Array.from(offsets.subarray(start, end + 1), (offset) => offset - first);
    const values = data.read(first, offsets[end]);
    const indices = columns.read(first, offsets[end]);
    yield { start, rows: end - start, indptr, indices, values };
    start = end;
  }
}

/**
 * Streams rows of a dense matrix, without zeros, to make the same blocks as from a sparse matrix. NaN stays and is
 * refused later.
 */
function* denseRows(file: Hdf5File, matrix: Matrix, from: number, to: number): Generator<StoredRows> {
  const width = matrix.columns;
  const chunkRows = file.dataset(matrix.path).chunks?.[0] ?? 1;
  // Whole chunks if they fit; a larger chunk is decompressed again for each block, which keeps memory bounded.
  const fit = Math.max(1, Math.min(BLOCK_ROWS, Math.floor((2 * BLOCK_ENTRIES) / Math.max(1, width))));
  const step = chunkRows <= fit ? Math.floor(fit / chunkRows) * chunkRows : fit;
  for (let start = from; start < to; ) {
    const end = Math.min(to, (Math.floor(start / step) + 1) * step);
    const dense = file.numbers(matrix.path, start, end, 'zeros');
    const rows = end - start;
    const indptr = new Uint32Array(rows + 1);
    let stored = 0;
    for (let i = 0; i < dense.length; i++) if (dense[i] !== 0) stored++;
    const indices = new Int32Array(stored);
    const values = new Float64Array(stored);
    let at = 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0, i = row * width; column < width; column++, i++) {
        const value = dense[i];
        if (value !== 0) {
          indices[at] = column;
          values[at++] = value;
        }
      }
      indptr[row + 1] = at;
    }
    yield { start, rows, indptr, indices, values };
    start = end;
  }
}
