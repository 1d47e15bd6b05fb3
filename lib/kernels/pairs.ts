/**
 * Typed front of the pair kernels (assembly/pairs.ts): rows go in once, values of tiles of pairs come out. Every
 * kernel here computes in 64-bit floats or exact integers and rounds once, to 32-bit floats.
 */
import { type Address, instantiateKernel, KernelMemory } from './memory.ts';

/** Cells of a panel. */
export const PANEL = 16;

/**
 * How a dot product becomes the value of a pair.
 * correlation: (dot − c·s_i·s_j)·w_i·w_j within [−1, 1]. euclidean: √(s_i + s_j − 2·dot), never of less than 0.
 * difference: the root of the sum of squared differences, without a dot; dense rows only.
 */
export type Finish = 'correlation' | 'euclidean' | 'difference';
const FINISH: Readonly<Record<Finish, number>> = { correlation: 0, euclidean: 1, difference: 2 };

/** What finishing needs, one number a row. */
export interface RowScalars {
  readonly finish: Finish;
  readonly c: number;
  readonly s: Float64Array;
  readonly w: Float64Array;
}

/** Pairs of rows [rowStart, rowEnd) and [columnStart, columnEnd). */
export interface Tile {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columnStart: number;
  readonly columnEnd: number;
  /** Only pairs with row < column are wanted: what else the tile spans may be left uncomputed. */
  readonly upper?: boolean;
}

/** Row-major values; those of a row start every `stride`. A view of the kernel's memory: the next tile overwrites it. */
export interface TileValues {
  readonly values: Float32Array;
  readonly stride: number;
}

export interface PairKernel {
  tile(tile: Tile): TileValues;
}

/** Sparse rows with non-negative or mixed real values. `columns` bounds the indices. */
export interface SparseRows {
  readonly rows: number;
  readonly columns: number;
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

type KernelFunction = (...numbers: number[]) => void;
type Exports = WebAssembly.Exports & {
  readonly scatterF64: KernelFunction;
  readonly clearF64: KernelFunction;
  readonly sparseF64: KernelFunction;
  readonly scatterI16: KernelFunction;
  readonly clearI16: KernelFunction;
  readonly sparseI16: KernelFunction;
  readonly scatterDense: KernelFunction;
  readonly denseF64: KernelFunction;
};

/** What all kernels share: scalars of the rows, room for a tile, and the walk over its panels. */
class Frame {
  readonly exports: Exports;
  readonly memory: KernelMemory;
  readonly #s: Address;
  readonly #w: Address;
  readonly #finish: number;
  readonly #c: number;
  #out: Address = 0;
  #capacity = 0;

  constructor(exports: Exports, rows: number, scalars: RowScalars) {
    this.exports = exports;
    this.memory = new KernelMemory(exports);
    // A panel at the end may reach past the last row.
    this.#s = this.memory.allocate((rows + PANEL) * 8);
    this.#w = this.memory.allocate((rows + PANEL) * 8);
    this.memory.float64(this.#s, rows).set(scalars.s);
    this.memory.float64(this.#w, rows).set(scalars.w);
    this.#finish = FINISH[scalars.finish];
    this.#c = scalars.c;
  }

  /** Calls `panel` for each panel of the tile's columns with the last arguments of the kernel. */
  walk(
    tile: Tile,
    panel: (first: number, lanes: number, rowEnd: number, tail: readonly number[]) => void,
  ): TileValues {
    const rows = tile.rowEnd - tile.rowStart;
    const columns = tile.columnEnd - tile.columnStart;
    const stride = Math.ceil(columns / PANEL) * PANEL;
    if (rows * stride > this.#capacity) {
      if (this.#capacity === 0) this.#out = this.memory.allocate(0);
      this.#capacity = rows * stride;
      this.memory.enlargeLast(this.#out, this.#capacity * 4);
    }
    for (let first = tile.columnStart; first < tile.columnEnd; first += PANEL) {
      const lanes = Math.min(PANEL, tile.columnEnd - first);
      const rowEnd = tile.upper ? Math.min(tile.rowEnd, first + lanes - 1) : tile.rowEnd;
      if (rowEnd <= tile.rowStart) continue;
      panel(first, lanes, rowEnd, [
        this.#finish,
        this.#c,
        this.#s,
        this.#w,
        this.#s + first * 8,
        this.#w + first * 8,
        this.#out + (first - tile.columnStart) * 4,
        stride * 4,
      ]);
    }
    return { values: this.memory.float32(this.#out, rows * stride), stride };
  }
}

const newFrame = async (rows: number, scalars: RowScalars) =>
  new Frame((await instantiateKernel(new URL('./pairs.wasm', import.meta.url))) as Exports, rows, scalars);

/** Sparse rows of any values, in 64-bit floats. */
export async function sparseKernel(rows: SparseRows, scalars: RowScalars): Promise<PairKernel> {
  const frame = await newFrame(rows.rows, scalars);
  const { exports, memory } = frame;
  const indptr = memory.allocate(rows.indptr.length * 4);
  const indices = memory.allocate(rows.indices.length * 4);
  const values = memory.allocate(rows.values.length * 4);
  const panel = memory.allocate(rows.columns * PANEL * 8);
  memory.uint32(indptr, rows.indptr.length).set(rows.indptr);
  memory.uint32(indices, rows.indices.length).set(rows.indices);
  memory.float32(values, rows.values.length).set(rows.values);
  return {
    tile: (tile) =>
      frame.walk(tile, (first, lanes, rowEnd, tail) => {
        exports.scatterF64(indptr, indices, values, first, lanes, panel);
        exports.sparseF64(indptr, indices, values, tile.rowStart, rowEnd, panel, ...tail);
        exports.clearF64(indptr, indices, first, lanes, panel);
      }),
  };
}

/** The largest value that `integerKernel` takes, and the most columns. */
export const INTEGER_LIMITS = { value: 32767, columns: 65535 } as const;

/**
 * Sparse rows of whole numbers from 0 to 32,767, exactly and about 2.5 times as fast: two entries of a row meet
 * 8 cells in one instruction. Sums are 32 bits wide and spilled before they can overflow.
 */
export async function integerKernel(rows: SparseRows, scalars: RowScalars): Promise<PairKernel> {
  const frame = await newFrame(rows.rows, scalars);
  const { exports, memory } = frame;
  const steps = new Uint32Array(rows.rows + 1);
  for (let i = 0; i < rows.rows; i++) {
    steps[i + 1] = steps[i] + Math.ceil((rows.indptr[i + 1] - rows.indptr[i]) / 2);
  }
  const total = steps[rows.rows];
  const indptr = memory.allocate(steps.length * 4);
  const indices = memory.allocate(total * 4);
  const values = memory.allocate(total * 4);
  const panel = memory.allocate((rows.columns + 1) * PANEL * 2);
  memory.uint32(indptr, steps.length).set(steps);
  const indexOut = memory.uint16(indices, total * 2);
  const valueOut = memory.uint16(values, total * 2);
  let largest = 1;
  for (let i = 0; i < rows.rows; i++) {
    const start = rows.indptr[i];
    const n = rows.indptr[i + 1] - start;
    const at = steps[i] * 2;
    for (let e = 0; e < n; e++) {
      indexOut[at + e] = rows.indices[start + e];
      valueOut[at + e] = rows.values[start + e];
      if (rows.values[start + e] > largest) largest = rows.values[start + e];
    }
    // An odd row ends in a column of its own, where the panel is zero.
    if (n % 2 === 1) indexOut[at + n] = rows.columns;
  }
  const safe = Math.floor(0xffffffff / (2 * largest * largest));
  return {
    tile: (tile) =>
      frame.walk(tile, (first, lanes, rowEnd, tail) => {
        exports.scatterI16(indptr, indices, values, first, lanes, panel);
        exports.sparseI16(indptr, indices, values, tile.rowStart, rowEnd, panel, safe, ...tail);
        exports.clearI16(indptr, indices, first, lanes, panel);
      }),
  };
}

/** Dense rows, row-major, in 64-bit floats. */
export async function denseKernel(
  values: Float32Array,
  dims: number,
  scalars: RowScalars,
): Promise<PairKernel> {
  const rows = scalars.s.length;
  const frame = await newFrame(rows, scalars);
  const { exports, memory } = frame;
  const from = memory.allocate(values.length * 4);
  const panel = memory.allocate(dims * PANEL * 8);
  memory.float32(from, values.length).set(values);
  return {
    tile: (tile) =>
      frame.walk(tile, (first, lanes, rowEnd, tail) => {
        exports.scatterDense(from, dims, first, lanes, panel);
        exports.denseF64(from, dims, tile.rowStart, rowEnd, panel, ...tail);
      }),
  };
}
