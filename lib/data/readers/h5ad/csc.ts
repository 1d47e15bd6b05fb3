/**
 * Rows of a matrix that is stored by column (CSC). Rows are gathered bucket by bucket: one pass counts the entries
 * of each row, then each bucket of consecutive rows takes one pass over the whole matrix. Memory: 12 bytes (8 if
 * the values are float32) for each entry of a bucket, of which there are at most BUCKET_ENTRIES, so 192 MiB, and
 * twice that while one bucket follows on another; 4 bytes for each row, 8 for each column. Time grows with the
 * number of buckets, so a matrix of more than some 10⁸ entries had better be stored by row.
 */
import { dataError } from '../../../errors.ts';
import type { Hdf5File, Numbers } from './hdf5.ts';
import { blockEnd, COUNTED_FROM_1, MAKE_AGAIN, type Matrix, readIndptr, type StoredRows } from './matrix.ts';
import { SequentialReader } from './sequential.ts';

const BUCKET_ENTRIES = 1 << 24;

/** Streams rows [from, to). Within a row, columns ascend. `bucketEntries` bounds the memory. */
export function* columnRows(
  file: Hdf5File,
  matrix: Matrix,
  from = 0,
  to = matrix.rows,
  bucketEntries = BUCKET_ENTRIES,
): Generator<StoredRows> {
  const offsets = readIndptr(file, matrix);
  const counts = countRows(file, matrix, offsets);
  for (let start = from; start < to; ) {
    let end = start;
    let entries = 0;
    do entries += counts[end++];
    while (end < to && entries + counts[end] <= bucketEntries);
    yield* bucketBlocks(gather(file, matrix, offsets, counts, start, end));
    start = end;
  }
}

/** Streams stretches of whole columns in order: the first column, the one past the last, and the row of each entry. */
function* stretches(
  file: Hdf5File,
  matrix: Matrix,
  offsets: Float64Array,
): Generator<[number, number, Numbers]> {
  const rows = new SequentialReader(file, `${matrix.path}/indices`);
  for (let start = 0; start < matrix.columns; ) {
    const end = blockEnd(offsets, start, matrix.columns, matrix.columns);
    yield [start, end, rows.read(offsets[start], offsets[end])];
    start = end;
  }
}

function countRows(file: Hdf5File, matrix: Matrix, offsets: Float64Array): Uint32Array {
  const counts = new Uint32Array(matrix.rows);
  for (const [, , rows] of stretches(file, matrix, offsets)) {
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (!(row >= 0 && row < matrix.rows)) {
        throw dataError(`${matrix.name} is damaged: it has an entry in row ${row} of ${matrix.rows}`, {
          where: `${file.path}: ${matrix.path}/indices`,
          expected: `row numbers from 0 to ${matrix.rows - 1}`,
          hint: rows.every((row) => row >= 1 && row <= matrix.rows) ? COUNTED_FROM_1 : MAKE_AGAIN,
        });
      }
      counts[row]++;
    }
  }
  return counts;
}

function gather(
  file: Hdf5File,
  matrix: Matrix,
  offsets: Float64Array,
  counts: Uint32Array,
  from: number,
  to: number,
): StoredRows {
  const indptr = new Uint32Array(to - from + 1);
  for (let row = from; row < to; row++) indptr[row - from + 1] = indptr[row - from] + counts[row];
  const next = indptr.slice();
  const indices = new Int32Array(indptr[to - from]);
  // Values that 32-bit floats hold exactly need only half the room.
  const isNarrow = matrix.dtype === 'float32' || /int(8|16)$/.test(matrix.dtype);
  const values = new (isNarrow ? Float32Array : Float64Array)(indptr[to - from]);
  const data = new SequentialReader(file, `${matrix.path}/data`);
  for (const [start, end, rows] of stretches(file, matrix, offsets)) {
    const first = offsets[start];
    const stretch = data.read(first, offsets[end]);
    for (let column = start; column < end; column++) {
      for (let i = offsets[column] - first; i < offsets[column + 1] - first; i++) {
        const row = rows[i] - from;
        if (row < 0 || row >= to - from) continue;
        const at = next[row]++;
        indices[at] = column;
        values[at] = stretch[i];
      }
    }
  }
  return { start: from, rows: to - from, indptr, indices, values };
}

function* bucketBlocks(bucket: StoredRows): Generator<StoredRows> {
  for (let start = 0; start < bucket.rows; ) {
    const end = blockEnd(bucket.indptr, start, bucket.rows);
    const first = bucket.indptr[start];
    yield {
      start: bucket.start + start,
      rows: end - start,
      indptr: bucket.indptr.slice(start, end + 1).map((offset) => offset - first),
      indices: bucket.indices.subarray(first, bucket.indptr[end]),
      values: bucket.values.subarray(first, bucket.indptr[end]),
    };
    start = end;
  }
}
