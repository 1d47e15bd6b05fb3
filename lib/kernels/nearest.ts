/** Typed front of the neighbour kernel (assembly/nearest.ts) for tiles of distances. */
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

/** Columns that the kernel looks at together: a row of its tile is a multiple of them. */
const TOGETHER = 16;

/** Keys that a list has room for. It is cut back when it is full, the more rarely the longer it is. */
const listCapacity = (k: number): number => 2 * k + 16;

/** Addresses of the lists (assembly/nearest/lists.ts) in a memory: what `setLists` takes. */
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

/** The nearest others of rows, rows × k, nearest first, ties by row number; −1 where there are no more. */
export interface NearestRows {
  readonly indices: Int32Array;
  readonly distances: Float32Array;
}

/** Rows and columns of a tile that meet: row numbers, and in which lists what is found goes. */
export interface Meeting {
  readonly row: number;
  readonly column: number;
  /** The list of the first row; undefined: only columns want neighbours. */
  readonly rowList: number | undefined;
  readonly columnList: number;
  /** Rows and columns are of one block, and only columns after the row count. */
  readonly isUpper: boolean;
}

/** So many lists of the k nearest, and room for a tile of distances. */
export class NearestKernel {
  /** Columns of a row in the kernel's memory. */
  readonly stride: number;
  readonly #exports: Exports;
  readonly #memory: KernelMemory;
  readonly #values: Address;
  readonly #lists: ReturnType<typeof layLists>;
  #shape = { rows: 0, columns: 0 };

  /** @param most rows and columns that a tile has at most */
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
   * Takes the values of a tile, whose rows start every `stride`, and makes distances of them if they are similarities.
   * What is given back is the kernel's own copy, until the next call: its rows start every `this.stride`. Distances
   * must not be negative.
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
      // Within no limit.
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

  /** The nearest in the lists from `first` on, when all have met. */
  nearest(first: number, count: number): NearestRows {
    const { keys, capacity, k } = this.#lists;
    const indices = new Int32Array(count * k).fill(-1);
    const distances = new Float32Array(count * k).fill(Number.POSITIVE_INFINITY);
    const memory = this.#memory;
    for (let i = 0; i < count; i++) {
      const found = this.#exports.finish(first + i);
      // Of each key, first the row number, then the distance.
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
