/** Typed front end of the neighbour kernel (assembly/nearest.ts) for tiles of distances. */
import { type Address, instantiateKernel, KernelMemory, sharedMemory } from './memory.ts';

type Exports = WebAssembly.Exports & {
  toDistances(values: Address, n: number): void;
  meetTile(
    values: Address,
    stride: number,
    row: number,
    rows: number,
    column: number,
    columns: number,
    rowList: number,
    columnList: number,
    isUpper: boolean,
    forRows: boolean,
  ): void;
  setLists(
    keys: Address,
    counts: Address,
    limits: Address,
    bounds: Address,
    capacity: number,
    k: number,
  ): void;
  clearLists(n: number): void;
  finish(list: number): number;
};

/** Number of columns that the kernel tests at once: the length of a row of its tile is a multiple of it. */
const TOGETHER = 16;

/** Capacity of a list of k neighbours, in keys. A full list is cut back, the more rarely the larger it is. */
const listCapacity = (k: number): number => 2 * k + 16;

/** Allocates the lists (assembly/nearest/lists.ts) in a memory: returns the arguments of `setLists`. */
export function layLists(memory: KernelMemory, lists: number, k: number) {
  const capacity = listCapacity(k);
  return {
    keys: memory.allocate(lists * capacity * 8),
    counts: memory.allocate(lists * 4),
    limits: memory.allocate((lists + TOGETHER) * 4),
    bounds: memory.allocate(lists * 8),
    capacity,
    k,
  };
}

/** Nearest other rows of rows, rows × k, nearest first, ties by row number; −1 in free places at the end. */
export interface NearestRows {
  readonly indices: Int32Array;
  readonly distances: Float32Array;
}

/** Numbers of the first row and column of a tile, and of the lists that receive their neighbours. */
export interface Meeting {
  readonly row: number;
  readonly column: number;
  /** List of the first row; undefined if only columns get neighbours. */
  readonly rowList: number | undefined;
  readonly columnList: number;
  /** Whether rows and columns are from the same block, so that only columns after the row count. */
  readonly isUpper: boolean;
}

/** Kernel with lists of the k nearest rows, and memory for a tile of distances. */
export class NearestKernel {
  /** Number of values between rows in the kernel's memory. */
  readonly stride: number;
  readonly #exports: Exports;
  readonly #memory: KernelMemory;
  readonly #values: Address;
  readonly #lists: ReturnType<typeof layLists>;
  #shape = { rows: 0, columns: 0 };

  /** Opens a kernel. @param most largest size of a tile */
  static async create(
    most: { rows: number; columns: number },
    lists: number,
    k: number,
  ): Promise<NearestKernel> {
    const memory = new KernelMemory(sharedMemory());
    const url = new URL('./nearest.wasm', import.meta.url);
    const exports = (await instantiateKernel(url, memory.memory)) as Exports;
    return new NearestKernel(exports, memory, most, lists, k);
  }

  private constructor(
    exports: Exports,
    memory: KernelMemory,
    most: { rows: number; columns: number },
    lists: number,
    k: number,
  ) {
    this.stride = Math.ceil(most.columns / TOGETHER) * TOGETHER;
    this.#exports = exports;
    this.#memory = memory;
    this.#values = memory.allocate(most.rows * this.stride * 4);
    this.#lists = layLists(memory, lists, k);
    const { keys, counts, limits, bounds, capacity } = this.#lists;
    exports.setLists(keys, counts, limits, bounds, capacity, k);
    exports.clearLists(lists);
  }

  /**
   * Loads the values of a tile, rows `stride` apart, and converts them to distances if they are similarities. Returns the
   * kernel's copy, rows `this.stride` apart, which is valid until the next call and may be modified. Distances must not be
   * negative.
   */
  load(
    values: Float32Array,
    { rows, columns, stride }: { rows: number; columns: number; stride: number },
    similarities: boolean,
  ): Float32Array {
    const own = this.#memory.float32(this.#values, rows * this.stride);
    const whole = Math.ceil(columns / TOGETHER) * TOGETHER;
    for (let row = 0; row < rows; row++) {
      const at = row * this.stride;
      own.set(values.subarray(row * stride, row * stride + columns), at);
      // Padding: NaN is within no limit.
      if (whole > columns) own.fill(Number.NaN, at + columns, at + whole);
    }
    if (similarities) this.#exports.toDistances(this.#values, rows * this.stride);
    this.#shape = { rows, columns: whole };
    return own;
  }

  /** Offers the distances of the tile to the lists of its rows and columns. */
  meet({ row, column, rowList, columnList, isUpper }: Meeting): void {
    const { rows, columns } = this.#shape;
    this.#exports.meetTile(
      this.#values,
      this.stride,
      row,
      rows,
      column,
      columns,
      rowList ?? 0,
      columnList,
      isUpper,
      rowList !== undefined,
    );
  }

  /** Returns the nearest rows in `count` lists from `first` on, after all tiles have been offered. */
  nearest(first: number, count: number): NearestRows {
    const { keys, capacity, k } = this.#lists;
    const indices = new Int32Array(count * k).fill(-1);
    const distances = new Float32Array(count * k).fill(Number.POSITIVE_INFINITY);
    const memory = this.#memory;
    for (let i = 0; i < count; i++) {
      const found = this.#exports.finish(first + i);
      // A key has the row number in its first word, then the distance.
      const from = keys + (first + i) * capacity * 8;
      const ofRows = memory.uint32(from, found * 2);
      const ofDistances = memory.float32(from, found * 2);
      for (let n = 0; n < found; n++) {
        indices[i * k + n] = ofRows[2 * n];
        distances[i * k + n] = ofDistances[2 * n + 1];
      }
    }
    return { indices, distances };
  }
}
