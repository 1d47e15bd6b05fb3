/** Typed front end of the kernel of sums over shared genes (assembly/union.ts). */
import { type Address, instantiateKernel, KernelMemory } from './memory.ts';
import type { SparseRows } from './pairs.ts';

/** Number of cells that a row is compared with at once. */
export const UNION_LANES = 8;

export interface SharedSums {
  /**
   * Computes 32 numbers for each row of [rowStart, rowEnd), over the genes that it shares with each of the cells from
   * `first` on: 8 sums of products, 8 of the row's values, 8 of the cells' values, and 8 counts. The next call overwrites
   * them.
   *
   * @param lanes number of cells, at most 8
   */
  read(first: number, lanes: number, rowStart: number, rowEnd: number): Int32Array;
}

type KernelFunction = (...numbers: number[]) => void;
type Exports = WebAssembly.Exports & {
  readonly memory: WebAssembly.Memory;
  readonly scatter: KernelFunction;
  readonly clear: KernelFunction;
  readonly sums: KernelFunction;
};

/** Whether the kernel can take rows of whole numbers of at least 1: their sums must fit its integers. */
export function fitsSharedSums({ rows, columns, indptr, values }: SparseRows): boolean {
  if (columns >= 65_535) return false;
  for (let row = 0; row < rows; row++) {
    // A sum of products of two rows is at most the larger of their sums of squares.
    let squares = 0;
    for (let e = indptr[row]; e < indptr[row + 1]; e++) {
      if (values[e] > 32_767) return false;
      squares += values[e] * values[e];
    }
    if (squares > 0x7fffffff) return false;
  }
  return true;
}

export async function sharedSums(rows: SparseRows): Promise<SharedSums> {
  const exports = (await instantiateKernel(new URL('./union.wasm', import.meta.url))) as Exports;
  const memory = new KernelMemory(exports.memory);
  const steps = new Uint32Array(rows.rows + 1);
  for (let i = 0; i < rows.rows; i++) {
    steps[i + 1] = steps[i] + Math.ceil((rows.indptr[i + 1] - rows.indptr[i]) / 2);
  }
  const total = steps[rows.rows];
  const indptr = memory.allocate(steps.length * 4);
  const indices = memory.allocate(total * 4);
  const values = memory.allocate(total * 4);
  const panel = memory.allocate((rows.columns + 1) * 32);
  memory.uint32(indptr, steps.length).set(steps);
  const indexOut = memory.uint16(indices, total * 2);
  const valueOut = memory.uint16(values, total * 2);
  for (let i = 0; i < rows.rows; i++) {
    const start = rows.indptr[i];
    const n = rows.indptr[i + 1] - start;
    const at = steps[i] * 2;
    indexOut.set(rows.indices.subarray(start, start + n), at);
    valueOut.set(rows.values.subarray(start, start + n), at);
    if (n % 2 === 1) indexOut[at + n] = rows.columns;
  }
  let out: Address = 0;
  let capacity = 0;
  return {
    read(first, lanes, rowStart, rowEnd) {
      const n = rowEnd - rowStart;
      if (n > capacity) {
        capacity = n;
        out = memory.allocate(n * 128);
      }
      exports.scatter(indptr, indices, values, first, lanes, panel);
      exports.sums(indptr, indices, values, rowStart, rowEnd, panel, out);
      exports.clear(indptr, indices, first, lanes, panel);
      return new Int32Array(memory.memory.buffer, out, n * 32);
    },
  };
}
