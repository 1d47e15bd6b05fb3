/** A matrix as a file gives it: some rows at a time, in arrays that the next block overwrites. */
import type { Csr } from '../../lib/cells/csr.ts';
import type { RowSource } from '../../lib/pairwise/spaces/row-source.ts';

/** @param sizes rows of each block; together all */
export function inBlocks(matrix: Csr, sizes: readonly number[]): RowSource {
  const { rows, columns, indptr } = matrix;
  return {
    rows,
    columns,
    async *blocks() {
      const room = { indices: new Int32Array(indptr[rows]), values: new Float32Array(indptr[rows]) };
      let start = 0;
      for (const n of sizes) {
        const [from, to] = [indptr[start], indptr[start + n]];
        room.indices.set(matrix.indices.subarray(from, to));
        room.values.set(matrix.values.subarray(from, to));
        const own = indptr.slice(start, start + n + 1).map((end) => end - from);
        yield { start, rows: n, columns, indptr: own, ...room };
        start += n;
        room.indices.fill(-1);
        room.values.fill(Number.NaN);
      }
    },
  };
}
