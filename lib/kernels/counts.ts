/**
 * Typed front of the counting kernels (assembly/counts.ts): values go in, histograms and chosen values come out. They
 * are read where a pair kernel wrote them, if the counter works on that kernel's memory.
 */
import { type Address, instantiateKernel, KernelMemory, sharedMemory } from './memory.ts';
import type { KernelRows } from './pairs.ts';

/** A grid of equal bins, as plain data: bin 0 begins at `lo`; what lies outside is counted in the first or last. */
export type ValueGrid = {
  readonly lo: number;
  /** Bins per unit. Both numbers are 32-bit floats. */
  readonly scale: number;
  readonly bins: number;
};

/** Values row by row: `columns` numbers every `stride`, the first at `first`. */
export interface ValueRows {
  readonly values: Float32Array;
  readonly first: number;
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  /** Each row begins one later than the one before, and has one less: what is above a tile's diagonal. */
  readonly upper: boolean;
  /** True if `values` is a view of the memory of the rows that the counter was made for. */
  readonly inKernel: boolean;
}

/** How many they are. */
export const valuesIn = ({ rows, columns, upper }: ValueRows): number =>
  rows * columns - (upper ? (rows * (rows - 1)) / 2 : 0);

/** A list of values as rows. */
export const oneRow = (values: Float32Array): ValueRows => ({
  values,
  first: 0,
  rows: values.length === 0 ? 0 : 1,
  columns: values.length,
  stride: values.length,
  upper: false,
  inKernel: false,
});

type Block = [values: Address, rows: number, columns: number, stride: number, upper: number];
type Grid = [lo: number, scale: number, last: number];

type Exports = WebAssembly.Exports & {
  count(...values: [...Block, ...Grid, counts: Address, moments: Address]): void;
  gather(...values: [...Block, ...Grid, marks: Address, out: Address]): number;
  sort(values: Address, n: number, out: Address, scratch: Address): void;
  settle(
    counts: Address,
    from: number,
    to: number,
    total: Address,
    ranks: Address,
    n: number,
    found: Address,
  ): void;
};

/** Most ranks that can be sought at once. */
const MOST_RANKS = 16;
/** Bins that `settle` goes through at once. */
const STEP = 16;
/** The mark of a bin whose values are gathered. */
const MARK = 4;
/** Behind the moments: where ranks are put, and the places found for them. */
const RANKS = 128;
const PLACES = RANKS + (MOST_RANKS + 1) * 4;
const SCRATCH = PLACES + MOST_RANKS * 8;

/** Three digits of 11 bits. */
const DIGIT_BYTES = 3 * 2048 * 4;
/** Fewer values are sorted without counting their digits. */
const FEW = 128;

/** Sets of marked bins. */
export type Marks = 0 | 1 | 2;
const MARK_SETS = 3;

/** What a counter has in a memory. */
interface Room {
  readonly scratch: Address;
  readonly marks: Address;
  readonly histograms: readonly Address[];
  /** Counts of digits, for sorting. */
  readonly digits: Address;
  /** Copies of values that lie elsewhere, those gathered, and those sifted from them: each holds `capacity`. */
  copied: Address;
  gathered: Address;
  sifted: Address;
  capacity: number;
}

/** This thread's rooms in the memories of pair kernels: kept for when it comes back, since memory is never given back. */
const rooms = /* @__PURE__ */ new Map<string, Room>();

/** Counts values over one grid: several histograms, and sets of marked bins. */
export class ValueCounter {
  readonly grid: ValueGrid;
  readonly #exports: Exports;
  readonly #memory: KernelMemory;
  readonly #room: Room;
  #block: Block = [0, 0, 0, 0, 0];
  #n = 0;
  #gathered = 0;

  /** @param rows those whose tiles are counted, if they have a kernel */
  static async create(grid: ValueGrid, histograms: number, rows?: KernelRows): Promise<ValueCounter> {
    const url = new URL('./counts.wasm', import.meta.url);
    const memory = new KernelMemory(rows?.memory ?? sharedMemory());
    const exports = (await instantiateKernel(url, memory.memory)) as Exports;
    const name = `${rows?.id}:${grid.bins}:${histograms}`;
    const room = rooms.get(name) ?? layRoom(memory, grid.bins, histograms);
    if (rows !== undefined) rooms.set(name, room);
    return new ValueCounter(exports, memory, room, grid);
  }

  private constructor(exports: Exports, memory: KernelMemory, room: Room, grid: ValueGrid) {
    this.#exports = exports;
    this.#memory = memory;
    this.#room = room;
    this.grid = grid;
    for (const i of room.histograms.keys()) this.counts(i).fill(0);
    memory.uint8(room.marks, MARK_SETS * grid.bins).fill(0);
  }

  /**
   * Takes up values, which must stay where they are until the next are taken up.
   *
   * @returns how many they are
   */
  load(rows: ValueRows): number {
    const n = valuesIn(rows);
    this.#n = n;
    this.#gathered = 0;
    const room = this.#room;
    if (n > room.capacity) {
      room.capacity = Math.max(n, 2 * room.capacity, 1 << 12);
      // A few more: kernels read four at a time, and write one beyond what they keep.
      const bytes = (room.capacity + 4) * 4;
      room.gathered = this.#memory.allocate(bytes);
      room.sifted = this.#memory.allocate(bytes);
      room.copied = 0;
    }
    const upper = rows.upper ? 1 : 0;
    if (rows.inKernel) {
      const at = rows.values.byteOffset + rows.first * 4;
      this.#block = [at, rows.rows, rows.columns, rows.stride * 4, upper];
    } else {
      if (room.copied === 0) room.copied = this.#memory.allocate((room.capacity + 4) * 4);
      copyRows(rows, this.#memory.float32(room.copied, n));
      this.#block = [room.copied, n === 0 ? 0 : 1, n, n * 4, 0];
    }
    return n;
  }

  get #gridNumbers(): Grid {
    return [this.grid.lo, this.grid.scale, this.grid.bins - 1];
  }

  /** Adds the values, at least one, to a histogram. */
  count(histogram: number): { sum: number; min: number; max: number } {
    const { scratch, histograms } = this.#room;
    this.#exports.count(...this.#block, ...this.#gridNumbers, histograms[histogram], scratch);
    const sum = this.#memory.float64(scratch, 5).reduce((a, b) => a + b, 0);
    const ends = this.#memory.float32(scratch + 48, 8);
    return {
      sum,
      min: Math.min(ends[0], ends[1], ends[2], ends[3]),
      max: Math.max(ends[4], ends[5], ends[6], ends[7]),
    };
  }

  /** The counts of a histogram: a view, void after `load`. */
  counts(histogram: number): Uint32Array {
    return this.#memory.uint32(this.#room.histograms[histogram], this.grid.bins);
  }

  /**
   * Moves the counts of one histogram, which lie in bins [from, to), to another.
   *
   * @returns of each of the ascending `ranks` the bin, and how many values lie in bins before it
   */
  settle(
    histogram: number,
    [from, to]: readonly [number, number],
    total: number,
    ranks: readonly number[],
  ): { bin: number; below: number }[] {
    const { scratch, histograms } = this.#room;
    this.#memory.uint32(scratch + RANKS, ranks.length).set(ranks);
    const [first, end] = [from - (from % STEP), Math.ceil(to / STEP) * STEP];
    const [wanted, found] = [scratch + RANKS, scratch + PLACES];
    this.#exports.settle(histograms[histogram], first, end, histograms[total], wanted, ranks.length, found);
    const pairs = this.#memory.uint32(found, ranks.length * 2);
    return ranks.map((_, i) => ({ bin: pairs[2 * i], below: pairs[2 * i + 1] }));
  }

  /** Marks bins [from, to), or takes the marks away. */
  mark(set: Marks, from: number, to: number, marked = true): void {
    const at = this.#room.marks + set * this.grid.bins;
    this.#memory.uint8(at + from, to - from).fill(marked ? MARK : 0);
  }

  isMarked(set: Marks, bin: number): boolean {
    return this.#memory.uint8(this.#room.marks + set * this.grid.bins + bin, 1)[0] !== 0;
  }

  /** Picks out the values in marked bins, for `sift`; returns how many they are. */
  gather(set: Marks): number {
    const { marks, gathered } = this.#room;
    const at = marks + set * this.grid.bins;
    this.#gathered = this.#exports.gather(...this.#block, ...this.#gridNumbers, at, gathered);
    return this.#gathered;
  }

  /** Of the values gathered those in marked bins, in their order. A view, void after the next call. */
  sift(set: Marks): Float32Array {
    const { marks, gathered, sifted } = this.#room;
    const n = this.#gathered;
    const at = marks + set * this.grid.bins;
    const kept = this.#exports.gather(gathered, 1, n, n * 4, 0, ...this.#gridNumbers, at, sifted);
    return this.#memory.float32(sifted, kept);
  }

  /** All values, ascending. A view, void after the next call. */
  sorted(): Float32Array {
    const { gathered, sifted, digits } = this.#room;
    const copy = this.#memory.float32(gathered, this.#n);
    const [at, rows, columns, stride, upper] = this.#block;
    let n = 0;
    for (let row = 0; row < rows; row++) {
      const own = columns - row * upper;
      copy.set(this.#memory.float32(at + row * (stride + 4 * upper), own), n);
      n += own;
    }
    this.#gathered = 0;
    if (n < FEW) return copy.sort();
    this.#exports.sort(gathered, n, sifted, digits);
    return this.#memory.float32(sifted, n);
  }
}

function layRoom(memory: KernelMemory, bins: number, histograms: number): Room {
  return {
    scratch: memory.allocate(SCRATCH),
    marks: memory.allocate(MARK_SETS * bins),
    histograms: Array.from({ length: histograms }, () => memory.allocate(Math.ceil(bins / STEP) * STEP * 4)),
    digits: memory.allocate(DIGIT_BYTES),
    copied: 0,
    gathered: 0,
    sifted: 0,
    capacity: 0,
  };
}

/** Writes rows one after the other. */
export function copyRows({ values, first, rows, columns, stride, upper }: ValueRows, to: Float32Array): void {
  let n = 0;
  for (let row = 0; row < rows; row++) {
    const at = first + row * stride + (upper ? row : 0);
    const own = upper ? columns - row : columns;
    to.set(values.subarray(at, at + own), n);
    n += own;
  }
}

/** The bin of a value, as the kernels have it. */
export function binOf({ lo, scale, bins }: ValueGrid, value: number): number {
  const place = Math.fround(Math.fround(value - lo) * scale);
  return place >= bins ? bins - 1 : place > 0 ? Math.trunc(place) : 0;
}
