/** Typed front end of the kernel of weighted sums (assembly/weighted-sums.ts). */
import { type Address, instantiateKernel, KernelMemory } from './memory.ts';

type Exports = WebAssembly.Exports & {
  readonly memory: WebAssembly.Memory;
  addTile(
    tile: Address,
    places: Address,
    weights: Address,
    starts: Address,
    rows: number,
    sums: Address,
    stride: number,
  ): void;
};

/** Number of dimensions summed at once: a tile of them, of all vectors, stays in the processor's cache. */
const LANES = 8;
const TILE_ENTRY = LANES * 4;

/** Kernel for sums of given vectors, weighted row by row. */
export class WeightedSums {
  readonly #exports: Exports;
  readonly #memory: KernelMemory;
  readonly #tiles: Address[];
  /** Number of doubles from row to row of the sums: the dimensions, rounded up to a whole tile. */
  readonly stride: number;
  #entries = { capacity: 0, places: 0, weights: 0 };
  #rows = { capacity: -1, starts: 0, sums: 0 };

  /** Loads `count` vectors of `dims` numbers: `values` is called once for each number of a vector. */
  static async create(
    count: number,
    dims: number,
    values: (vector: number, dimension: number) => number,
  ): Promise<WeightedSums> {
    const url = new URL('./weighted-sums.wasm', import.meta.url);
    return new WeightedSums((await instantiateKernel(url)) as Exports, count, dims, values);
  }

  private constructor(
    exports: Exports,
    count: number,
    dims: number,
    values: (vector: number, dimension: number) => number,
  ) {
    this.#exports = exports;
    this.#memory = new KernelMemory(exports.memory);
    const tiles = Math.ceil(dims / LANES);
    this.stride = tiles * LANES;
    this.#tiles = Array.from({ length: tiles }, () => this.#memory.allocate(count * TILE_ENTRY));
    for (const [t, tile] of this.#tiles.entries()) {
      const own = this.#memory.float32(tile, count * LANES);
      const lanes = Math.min(LANES, dims - t * LANES);
      for (let i = 0; i < count; i++) {
        for (let lane = 0; lane < lanes; lane++) own[i * LANES + lane] = values(i, t * LANES + lane);
      }
    }
  }

  /**
   * Computes for each row Σ weight · vector over the entries starts[row] … starts[row + 1] − 1, in their order: `stride`
   * doubles per row, zeros after the dimensions. The result is a view that is invalid after the next call.
   *
   * @param vectors number of the vector of each entry
   */
  sums(vectors: Int32Array, weights: Float64Array, starts: Uint32Array): Float64Array {
    const rows = starts.length - 1;
    const entries = starts[rows];
    this.#reserve(entries, rows);
    const places = this.#memory.uint32(this.#entries.places, entries);
    for (let e = 0; e < entries; e++) places[e] = vectors[e] * TILE_ENTRY;
    this.#memory.float64(this.#entries.weights, entries).set(weights.subarray(0, entries));
    this.#memory.uint32(this.#rows.starts, rows + 1).set(starts);
    for (const [t, tile] of this.#tiles.entries()) {
      this.#exports.addTile(
        tile,
        this.#entries.places,
        this.#entries.weights,
        this.#rows.starts,
        rows,
        this.#rows.sums + t * LANES * 8,
        this.stride * 8,
      );
    }
    return this.#memory.float64(this.#rows.sums, rows * this.stride);
  }

  /** Allocates memory for a block, with some to spare, since the next block is about as large. */
  #reserve(entries: number, rows: number): void {
    const memory = this.#memory;
    if (entries > this.#entries.capacity) {
      const capacity = Math.ceil(1.25 * entries);
      const places = memory.allocate(capacity * 4);
      this.#entries = { capacity, places, weights: memory.allocate(capacity * 8) };
    }
    if (rows > this.#rows.capacity) {
      const starts = memory.allocate((rows + 1) * 4);
      this.#rows = { capacity: rows, starts, sums: memory.allocate(rows * this.stride * 8) };
    }
  }
}
