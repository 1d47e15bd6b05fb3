/** Typed front end of the kernel that counts samples of pairs (`weigh` of assembly/counts.ts). */
import { type ValueGrid, WHOLE } from './counts.ts';
import { type Address, instantiateKernel, KernelMemory, sharedMemory } from './memory.ts';
import type { Tile, TileValues } from './pairs.ts';

type Exports = WebAssembly.Exports & {
  weigh(
    ...numbers: [
      values: Address,
      stride: number,
      rowStart: number,
      rowEnd: number,
      columnStart: number,
      columnEnd: number,
      types: Address,
      weights: Address,
      lo: number,
      scale: number,
      last: number,
      counts: Address,
      seen: Address,
      whole: number,
    ]
  ): void;
};

/** Counts of one set of pairs. */
export interface SampleCounts {
  /** Number of counted pairs. */
  readonly n: number;
  /** Weighted counts by bin. */
  readonly counts: Float64Array;
}

/** Counter of the pairs of blocks by bin, separately for pairs within types and between types. */
export class SampleCounter {
  readonly #exports: Exports;
  readonly #memory: KernelMemory;
  readonly #grid: ValueGrid;
  readonly #types: Address;
  readonly #weights: Address;
  readonly #counts: Address;
  readonly #seen: Address;
  readonly #values: Address;
  readonly #most: number;

  /**
   * Opens a counter.
   *
   * @param types type codes of the rows, ascending except for −1: not to be counted
   * @param weights weight of a pair of types a ≤ b, at b · (b + 1) / 2 + a
   * @param most number of values of the largest block
   */
  static async create(
    grid: ValueGrid,
    types: Int32Array,
    weights: Float64Array,
    most: number,
  ): Promise<SampleCounter> {
    const memory = new KernelMemory(sharedMemory());
    const url = new URL('./counts.wasm', import.meta.url);
    const exports = (await instantiateKernel(url, memory.memory)) as Exports;
    return new SampleCounter(exports, memory, grid, { types, weights, most });
  }

  private constructor(
    exports: Exports,
    memory: KernelMemory,
    grid: ValueGrid,
    { types, weights, most }: { types: Int32Array; weights: Float64Array; most: number },
  ) {
    this.#exports = exports;
    this.#memory = memory;
    this.#grid = grid;
    this.#types = memory.allocate(types.length * 4);
    memory.int32(this.#types, types.length).set(types);
    this.#weights = memory.allocate(weights.length * 8);
    memory.float64(this.#weights, weights.length).set(weights);
    this.#counts = memory.allocate(2 * grid.bins * 8);
    this.#seen = memory.allocate(8);
    this.#values = memory.allocate(most * 4);
    this.#most = most;
  }

  /** Counts the pairs of a tile with row < column. */
  add({ rowStart, rowEnd, columnStart, columnEnd }: Tile, { values, stride }: TileValues): void {
    const length = (rowEnd - rowStart) * stride;
    if (length > this.#most) throw new Error(`Internal error: a block of ${length} values`);
    this.#memory.float32(this.#values, length).set(values.subarray(0, length));
    const { lo, scale, bins } = this.#grid;
    const block = [this.#values, stride * 4, rowStart, rowEnd, columnStart, columnEnd] as const;
    const grid = [lo, scale, bins - 1] as const;
    this.#exports.weigh(...block, this.#types, this.#weights, ...grid, this.#counts, this.#seen, WHOLE);
  }

  get within(): SampleCounts {
    return this.#set(0);
  }

  get between(): SampleCounts {
    return this.#set(1);
  }

  #set(i: 0 | 1): SampleCounts {
    const { bins } = this.#grid;
    const counts = this.#memory.float64(this.#counts + i * bins * 8, bins);
    return { n: this.#memory.uint32(this.#seen, 2)[i], counts };
  }
}
