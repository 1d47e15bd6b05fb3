/** Typed front end of the kernel that counts relations at cut-offs (assembly/relations.ts). */
import { type Address, instantiateKernel, KernelMemory, sharedMemory } from './memory.ts';
import type { KernelRows } from './pairs.ts';

type KernelFunction = (...numbers: number[]) => void;
type Exports = WebAssembly.Exports & {
  readonly addTile: KernelFunction;
};

/** Number of buckets of the table from values to cut-offs. */
const BUCKETS = 1024;
/** Number of values that the kernel, which takes four at a time, may read beyond the end. */
const BEYOND = 3;

export interface RelationKernelOptions {
  /** Cut-offs, ascending, at least one; compared as 32-bit floats, like values. */
  readonly cutoffs: readonly number[];
  /** Whether pairs are related if their value is at most a cut-off, else at least. */
  readonly distance: boolean;
  /** Label code of each cell. */
  readonly labels: Int32Array;
  /** Batch code of each cell, −1 for none; absent if no cell has a batch. */
  readonly batches?: Int32Array;
  /** Flag per cell: 1 if its pairs have values, else 0. */
  readonly defined: Uint8Array;
  /** Number of kinds of pairs by batch: same, other, unknown. */
  readonly kinds: 1 | 2 | 3;
}

/** Arrays of a kernel in a memory. */
interface Room {
  readonly cutoffs: Address;
  readonly buckets: Address;
  readonly labels: Address;
  readonly batches: Address;
  readonly defined: Address;
  readonly counts: Address;
  readonly own: Address;
  /** Counts of the columns of a tile, and copies of its values; both grow. */
  bytes: Address;
  columns: number;
  values: Address;
  capacity: number;
  /** Whether a kernel counts in this room. */
  isTaken: boolean;
}

/** Rooms of this thread in the memories of pair kernels, kept for reuse, since memory is never released. */
const rooms = /* @__PURE__ */ new Map<string, Room[]>();

/** Tile of pairs of cells, with their values, rows `stride` apart. */
export interface RelationTile {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columnStart: number;
  readonly columnEnd: number;
  /** Whether only pairs with row < column are counted. */
  readonly upper?: boolean;
  readonly values: Float32Array;
  readonly stride: number;
}

export class RelationKernel {
  readonly #exports: Exports;
  readonly #memory: KernelMemory;
  readonly #options: RelationKernelOptions;
  readonly #isThere: boolean;
  readonly #room: Room;
  /** Number of counts per cell: (cut-offs + 1) × classes. */
  readonly #width: number;
  /** Bytes of the counts of a column. */
  readonly #step: number;
  readonly #lowest: number;
  readonly #scale: number;
  /** Number of cells without values before each cell. */
  readonly #undefinedBefore: Uint32Array;

  /** Opens a kernel. @param rows rows whose tiles are counted, if a kernel computes them; their values are read in place */
  static async create(options: RelationKernelOptions, rows?: KernelRows): Promise<RelationKernel> {
    const url = new URL('./relations.wasm', import.meta.url);
    const memory = new KernelMemory(rows?.memory ?? sharedMemory());
    const exports = (await instantiateKernel(url, memory.memory)) as Exports;
    return new RelationKernel(exports, memory, options, rows);
  }

  private constructor(
    exports: Exports,
    memory: KernelMemory,
    options: RelationKernelOptions,
    rows: KernelRows | undefined,
  ) {
    this.#exports = exports;
    this.#memory = memory;
    this.#options = options;
    this.#isThere = rows !== undefined;
    const { cutoffs, labels, batches, kinds, defined } = options;
    this.#width = (cutoffs.length + 1) * 2 * kinds;
    this.#step = Math.ceil(this.#width / 16) * 16;
    const name = `${rows?.id}:${labels.length}:${this.#width}`;
    const known = rooms.get(name) ?? [];
    const free = known.find(({ isTaken }) => !isTaken);
    const room = free ?? this.#layRoom();
    if (rows !== undefined && free === undefined) rooms.set(name, [...known, room]);
    room.isTaken = true;
    this.#room = room;
    const grid = Float32Array.from([...cutoffs, Number.NaN]);
    memory.float32(room.cutoffs, grid.length).set(grid);
    const range = grid[cutoffs.length - 1] - grid[0];
    this.#lowest = grid[0];
    const scale = Math.fround(BUCKETS / range);
    this.#scale = range > 0 && Number.isFinite(scale) ? scale : 0;
    const buckets = memory.uint16(room.buckets, BUCKETS + 1).fill(0);
    // Each bucket has the number of cut-offs in earlier buckets, which are below every value of this bucket.
    for (const cutoff of grid.subarray(0, cutoffs.length)) {
      for (let bucket = this.#bucketOf(cutoff) + 1; bucket <= BUCKETS; bucket++) buckets[bucket]++;
    }
    memory.int32(room.labels, labels.length).set(labels);
    if (batches !== undefined) memory.int32(room.batches, batches.length).set(batches);
    memory.uint8(room.defined, labels.length).set(defined);
    memory.uint32(room.counts, labels.length * this.#width).fill(0);
    this.#undefinedBefore = new Uint32Array(labels.length + 1);
    for (let i = 0; i < labels.length; i++)
      this.#undefinedBefore[i + 1] = this.#undefinedBefore[i] + 1 - defined[i];
  }

  #layRoom(): Room {
    const { cutoffs, labels, batches } = this.#options;
    const memory = this.#memory;
    return {
      cutoffs: memory.allocate((cutoffs.length + 1) * 4),
      buckets: memory.allocate((BUCKETS + 1) * 2),
      labels: memory.allocate((labels.length + BEYOND) * 4),
      batches: memory.allocate(((batches?.length ?? 0) + BEYOND) * 4),
      defined: memory.allocate(labels.length),
      counts: memory.allocate((labels.length * this.#width + 16) * 4),
      own: memory.allocate(this.#width * 8),
      bytes: 0,
      columns: 0,
      values: 0,
      capacity: 0,
      isTaken: true,
    };
  }

  /** Returns the bucket of a value, by the same steps as the kernel; none of them changes the order of two values. */
  #bucketOf(value: number): number {
    const place = Math.fround(Math.fround(value - this.#lowest) * this.#scale);
    return Math.max(0, Math.min(BUCKETS, Math.trunc(place)));
  }

  /** Counts the pairs of a tile. NaN is no relation, nor is a pair with a cell for which the metric is not defined. */
  addTile(tile: RelationTile): void {
    const { rowStart, rowEnd, columnStart, columnEnd, upper = false, stride } = tile;
    const room = this.#room;
    const columns = columnEnd - columnStart;
    if (columns > room.columns) {
      room.columns = Math.max(columns, 2 * room.columns);
      room.bytes = this.#memory.allocate(room.columns * this.#step);
    }
    const { kinds, distance } = this.#options;
    const ofCell = (cell: number) => room.counts + cell * this.#width * 4;
    this.#exports.addTile(
      this.#valuesOf(tile),
      rowEnd - rowStart,
      columns,
      stride * 4,
      // In a tile on the diagonal, row i is counted from the column after its own cell on.
      upper ? rowStart + 1 - columnStart : -(rowEnd - rowStart),
      room.defined + rowStart,
      room.labels + rowStart * 4,
      room.batches + rowStart * 4,
      room.labels + columnStart * 4,
      room.batches + columnStart * 4,
      kinds,
      this.#lowest,
      this.#scale,
      room.buckets,
      room.cutoffs,
      distance ? 1 : 0,
      room.bytes,
      this.#step,
      room.own,
      this.#width,
      ofCell(rowStart),
      ofCell(columnStart),
    );
  }

  /** Returns the address of the values of a tile, or of a copy with NaN in undefined columns. */
  #valuesOf({ rowStart, rowEnd, columnStart, columnEnd, values, stride }: RelationTile): Address {
    const isDefined = this.#undefinedBefore[columnEnd] === this.#undefinedBefore[columnStart];
    if (this.#isThere && isDefined) return values.byteOffset;
    const n = (rowEnd - rowStart) * stride;
    const room = this.#room;
    if (n > room.capacity) {
      room.capacity = Math.max(n, 2 * room.capacity);
      room.values = this.#memory.allocate((room.capacity + BEYOND) * 4);
    }
    const copy = this.#memory.float32(room.values, n);
    copy.set(values.subarray(0, n));
    for (let column = columnStart; column < columnEnd && !isDefined; column++) {
      if (this.#options.defined[column] === 1) continue;
      for (let at = column - columnStart; at < n; at += stride) copy[at] = Number.NaN;
    }
    return room.values;
  }

  /**
   * Returns the pairs of each cell by the strictest cut-off that they pass, and by class: counts[(cell · cut-offs +
   * cut-off) · classes + class], class = kinds · (other label) + kind. They are compacted in place, as a view of the
   * kernel's memory: nothing can be added afterwards, and the view is invalid when the next kernel is opened.
   */
  takeCounts(): Uint32Array {
    const { cutoffs, labels, kinds, distance } = this.#options;
    const own = cutoffs.length * 2 * kinds;
    const all = this.#memory.uint32(this.#room.counts, labels.length * this.#width);
    // Pairs that pass no cut-off are dropped: the first place for similarities, the last for distances.
    const first = distance ? 0 : 2 * kinds;
    for (let cell = 0; cell < labels.length; cell++) {
      const at = cell * this.#width + first;
      all.copyWithin(cell * own, at, at + own);
    }
    this.#room.isTaken = false;
    return all.subarray(0, labels.length * own);
  }
}
