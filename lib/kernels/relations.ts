/** Typed front of the kernel of relations at cut-offs (assembly/relations.ts). */
import { type Address, instantiateKernel, KernelMemory } from './memory.ts';

type KernelFunction = (...numbers: number[]) => void;
type Exports = WebAssembly.Exports & {
  readonly memory: WebAssembly.Memory;
  readonly addRow: KernelFunction;
  readonly settle: KernelFunction;
};

/** Buckets of the table that leads from a value to cut-offs. */
const BUCKETS = 1024;
/** So many numbers more than there are does the kernel read, which takes four at a time. */
const BEYOND = 3;

export interface RelationKernelOptions {
  /** Cut-offs, ascending, at least one; compared as 32-bit floats, as values are. */
  readonly cutoffs: readonly number[];
  /** True if pairs are related at most at a cut-off, else at least. */
  readonly distance: boolean;
  /** Of each cell. */
  readonly labels: Int32Array;
  /** −1 is no batch. Absent if there are none. */
  readonly batches?: Int32Array;
  /** Kinds of pairs by batch: same, other, unknown. */
  readonly kinds: 1 | 2 | 3;
}

export class RelationKernel {
  readonly #exports: Exports;
  readonly #memory: KernelMemory;
  readonly #options: RelationKernelOptions;
  /** Counts a cell: one more than there are cut-offs, by classes. */
  readonly #width: number;
  readonly #lowest: number;
  readonly #scale: number;
  readonly #cutoffs: Address;
  readonly #buckets: Address;
  readonly #labels: Address;
  readonly #batches: Address;
  readonly #counts: Address;
  readonly #own: Address;
  #values: Address = 0;
  #capacity = 0;

  static async create(options: RelationKernelOptions): Promise<RelationKernel> {
    const url = new URL('./relations.wasm', import.meta.url);
    return new RelationKernel((await instantiateKernel(url)) as Exports, options);
  }

  private constructor(exports: Exports, options: RelationKernelOptions) {
    this.#exports = exports;
    this.#options = options;
    const { cutoffs, labels, batches, kinds } = options;
    const memory = new KernelMemory(exports.memory);
    this.#memory = memory;
    this.#width = (cutoffs.length + 1) * 2 * kinds;
    const grid = Float32Array.from([...cutoffs, Number.NaN]);
    this.#cutoffs = memory.allocate(grid.length * 4);
    memory.float32(this.#cutoffs, grid.length).set(grid);
    const range = grid[cutoffs.length - 1] - grid[0];
    this.#lowest = grid[0];
    const scale = Math.fround(BUCKETS / range);
    this.#scale = range > 0 && Number.isFinite(scale) ? scale : 0;
    this.#buckets = memory.allocate((BUCKETS + 1) * 2);
    const buckets = memory.uint16(this.#buckets, BUCKETS + 1);
    // How many cut-offs lie in earlier buckets, hence below every value of this one.
    for (const cutoff of grid.subarray(0, cutoffs.length)) {
      for (let bucket = this.#bucketOf(cutoff) + 1; bucket <= BUCKETS; bucket++) buckets[bucket]++;
    }
    const lay = (codes: Int32Array): Address => {
      const at = memory.allocate((codes.length + BEYOND) * 4);
      memory.int32(at, codes.length).set(codes);
      return at;
    };
    this.#labels = lay(labels);
    this.#batches = lay(batches ?? new Int32Array(0));
    this.#own = memory.allocate(this.#width * 16);
    this.#counts = memory.allocate(labels.length * this.#width * 4);
  }

  /** As the kernel has it: no step changes the order of two values. */
  #bucketOf(value: number): number {
    const place = Math.fround(Math.fround(value - this.#lowest) * this.#scale);
    return Math.max(0, Math.min(BUCKETS, Math.trunc(place)));
  }

  /** Takes up the values of a tile; what is done to them is done to a copy. */
  load(values: Float32Array): Float32Array {
    if (values.length > this.#capacity) {
      this.#capacity = Math.max(values.length, 2 * this.#capacity);
      this.#values = this.#memory.allocate((this.#capacity + BEYOND) * 4);
    }
    const copy = this.#memory.float32(this.#values, values.length);
    copy.set(values);
    return copy;
  }

  /** Counts the pairs of a row with `n` columns from `column` on, whose values stand from `at` on; NaN is no relation. */
  addRow(row: number, column: number, n: number, at: number): void {
    const { labels, batches, kinds, distance } = this.#options;
    const ofCell = (cell: number) => this.#counts + cell * this.#width * 4;
    this.#exports.addRow(
      this.#values + at * 4,
      n,
      this.#labels + column * 4,
      this.#batches + column * 4,
      labels[row],
      batches?.[row] ?? 0,
      kinds,
      this.#lowest,
      this.#scale,
      this.#buckets,
      this.#cutoffs,
      distance ? 1 : 0,
      ofCell(column),
      this.#width,
      this.#own,
    );
    this.#exports.settle(this.#own, this.#width, ofCell(row));
  }

  /**
   * Pairs of each cell by the strictest cut-off that they pass, and by class: counts[(cell · cut-offs + cut-off) ·
   * classes + class], class = kinds · (other label) + kind. A view of the kernel's memory, where they are moved together:
   * nothing can be added then.
   */
  takeCounts(): Uint32Array {
    const { cutoffs, labels, kinds, distance } = this.#options;
    const own = cutoffs.length * 2 * kinds;
    const all = this.#memory.uint32(this.#counts, labels.length * this.#width);
    // Pairs that pass none: of similarities the first, of distances the last.
    const first = distance ? 0 : 2 * kinds;
    for (let cell = 0; cell < labels.length; cell++) {
      const at = cell * this.#width + first;
      all.copyWithin(cell * own, at, at + own);
    }
    return all.subarray(0, labels.length * own);
  }
}
