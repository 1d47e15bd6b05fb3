/** Typed front end of the kernel for Spearman's correlation over shared genes (assembly/intersection.ts). */
import { type Address, instantiateKernel, KernelMemory } from './memory.ts';
import type { SparseRows, Tile, TileValues } from './pairs.ts';

type KernelFunction = (...numbers: number[]) => void;
type Exports = WebAssembly.Exports & {
  readonly memory: WebAssembly.Memory;
  readonly scatter: KernelFunction;
  readonly correlate: KernelFunction;
};

/** Number of scratch arrays of the kernel. */
const ARRAYS = 6;

/**
 * Loads rows into the kernel.
 *
 * @param codes number of each entry's value among the distinct values of its row, from 0, ascending
 * @param distinct number of distinct values of each row
 * @returns function that computes tiles, with NaN for a pair that has no value; the next tile overwrites the result
 */
export async function intersectionTiles(
  { columns, rows, indptr, indices }: SparseRows,
  codes: Int32Array,
  distinct: Int32Array,
): Promise<(tile: Tile) => TileValues> {
  const exports = (await instantiateKernel(new URL('./intersection.wasm', import.meta.url))) as Exports;
  const memory = new KernelMemory(exports.memory);
  const entries = indptr[rows];
  const at = {
    indptr: memory.allocate((rows + 1) * 4),
    indices: memory.allocate(entries * 4),
    codes: memory.allocate(entries * 4),
    distinct: memory.allocate(rows * 4),
    own: memory.allocate(columns * 4),
  };
  memory.uint32(at.indptr, rows + 1).set(indptr);
  memory.uint32(at.indices, entries).set(indices.subarray(0, entries));
  memory.int32(at.codes, entries).set(codes);
  memory.int32(at.distinct, rows).set(distinct);
  let longest = 0;
  for (let row = 0; row < rows; row++) longest = Math.max(longest, indptr[row + 1] - indptr[row]);
  // One extra word: the kernel writes one entry beyond the shared genes.
  const room = longest + 1;
  const scratch = memory.allocate(ARRAYS * room * 4);
  let out: Address = 0;
  let capacity = 0;
  return ({ rowStart, rowEnd, columnStart, columnEnd, upper }) => {
    const stride = columnEnd - columnStart;
    const size = (rowEnd - rowStart) * stride;
    if (size > capacity) {
      capacity = Math.max(size, 2 * capacity);
      out = memory.allocate(capacity * 4);
    }
    for (let row = rowStart; row < rowEnd; row++) {
      const start = upper ? Math.max(columnStart, row + 1) : columnStart;
      if (start >= columnEnd) continue;
      const first = indptr[row] * 4;
      const n = indptr[row + 1] - indptr[row];
      const to = out + ((row - rowStart) * stride + start - columnStart) * 4;
      const { indptr: rowsAt, indices: genes, codes: values, distinct: numbers, own } = at;
      exports.scatter(genes + first, values + first, n, own, 1);
      exports.correlate(rowsAt, genes, values, numbers, own, row, start, columnEnd, scratch, room, to);
      exports.scatter(genes + first, values + first, n, own, 0);
    }
    return { values: memory.float32(out, size), stride };
  };
}
