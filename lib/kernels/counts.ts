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
  count(...values: [...Block, ...Grid, counts: Address, moments: Address, whole: number]): void;
  gather(...values: [...Block, ...Grid, marks: Address, out: Address, whole: number]): number;
  sort(values: Address, n: number, out: Address, scratch: Address): void;
  seek(
    counts: Address,
    from: number,
    to: number,
    before: Address,
    ranks: Address,
    n: number,
    found: Address,
  ): void;
};

/** Most ranks that can be sought at once. */
const MOST_RANKS = 16;
/** Bins of a line, a cache line of counts: how finely ranks are sought. */
export const LINE = 16;
/** The mark of a bin whose values are gathered. */
const MARK = 4;
/** Behind the moments: where ranks are put, and the places found for them. */
const RANKS = 128;
const PLACES = RANKS + (MOST_RANKS + 1) * 4;
const SCRATCH = PLACES + MOST_RANKS * 12;
/** Added to a whole number, it leaves that, or four times that, in the low bits of the sum. */
export const WHOLE = 2 ** 23;
const WHOLE_BY_FOUR = 2 ** 21;

/** Three digits of 11 bits. */
const DIGIT_BYTES = 3 * 2048 * 4;
/** Fewer values are sorted without counting their digits. */
const FEW = 128;

/** So many values can a histogram take in before one of its bins, in 32 bits, could overflow. */
export const MOST_COUNTED = 2 ** 32 - 1;

/** Sets of marks: two of bins, and two of lines. */
export type Marks = 0 | 1 | 2 | 3;
const BIN_SETS = 2;
const SETS = 4;

/** Where a rank lies: its line, how many values lie in lines before it, and how many in it. */
export interface LinePlace {
  readonly line: number;
  readonly below: number;
  readonly own: number;
}

/** What a counter has in a memory. */
interface Room {
  readonly scratch: Address;
  readonly marks: readonly Address[];
  readonly histograms: readonly Address[];
  /** Of each histogram the sums of its lines when ranks were last sought. */
  readonly lines: readonly Address[];
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

/** Counts values over one grid: several histograms, and sets of marked bins and lines. */
export class ValueCounter {
  readonly grid: ValueGrid;
  readonly #exports: Exports;
  readonly #memory: KernelMemory;
  readonly #room: Room;
  #block: Block = [0, 0, 0, 0, 0];
  #n = 0;
  #gathered = 0;
  readonly #most: number;
  /** Of each histogram how many values its 32-bit counts hold, and what was taken out of them before they could overflow. */
  readonly #held: number[];
  readonly #sums: (Float64Array | undefined)[];

  /**
   * @param rows those whose tiles are counted, if they have a kernel
   * @param most values that 32-bit counts are trusted with, at least those of one `load`: fewer in tests
   */
  static async create(
    grid: ValueGrid,
    histograms: number,
    rows?: KernelRows,
    most = MOST_COUNTED,
  ): Promise<ValueCounter> {
    const url = new URL('./counts.wasm', import.meta.url);
    const memory = new KernelMemory(rows?.memory ?? sharedMemory());
    const exports = (await instantiateKernel(url, memory.memory)) as Exports;
    const name = `${rows?.id}:${grid.bins}:${histograms}`;
    const room = rooms.get(name) ?? layRoom(memory, grid.bins, histograms);
    if (rows !== undefined) rooms.set(name, room);
    return new ValueCounter(exports, memory, room, grid, most);
  }

  private constructor(exports: Exports, memory: KernelMemory, room: Room, grid: ValueGrid, most: number) {
    this.#most = most;
    this.#held = room.histograms.map(() => 0);
    this.#sums = room.histograms.map(() => undefined);
    this.#exports = exports;
    this.#memory = memory;
    this.#room = room;
    this.grid = grid;
    for (const i of room.histograms.keys()) this.#clear(i);
    for (const [set, at] of room.marks.entries()) memory.uint8(at, marksIn(set, grid.bins)).fill(0);
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

  /** The grid, or with 16 the grid of its lines. */
  #gridNumbers(width: 1 | 16 = 1): Grid {
    const { lo, scale, bins } = this.grid;
    return [lo, scale / width, Math.ceil(bins / width) - 1];
  }

  /** Adds the values, at least one, to a histogram. */
  count(histogram: number): { sum: number; min: number; max: number } {
    const { histograms } = this.#room;
    this.#makeRoom(histogram, this.#n);
    return this.#count(histograms[histogram], this.#gridNumbers());
  }

  /** As `count`, for values whose ranks are not sought by `seek` afterwards. */
  countAside(histogram: number): { sum: number; min: number; max: number } {
    this.#makeRoom(histogram, this.#n);
    this.#count(this.#room.lines[histogram], this.#gridNumbers(LINE));
    return this.#count(this.#room.histograms[histogram], this.#gridNumbers());
  }

  #count(counts: Address, grid: Grid): { sum: number; min: number; max: number } {
    const { scratch } = this.#room;
    this.#exports.count(...this.#block, ...grid, counts, scratch, WHOLE_BY_FOUR);
    const sums = this.#memory.float64(scratch, 5);
    const ends = this.#memory.float32(scratch + 48, 8);
    return {
      sum: sums[0] + sums[1] + sums[2] + sums[3] + sums[4],
      min: Math.min(ends[0], ends[1], ends[2], ends[3]),
      max: Math.max(ends[4], ends[5], ends[6], ends[7]),
    };
  }

  /** The counts of a histogram: a view, void after `load`, or of more values than 32 bits are trusted with 64-bit floats. */
  counts(histogram: number): Uint32Array | Float64Array {
    if (this.#sums[histogram] === undefined) return this.#counts(histogram);
    this.#takeOut(histogram);
    return this.#sums[histogram];
  }

  #counts(histogram: number): Uint32Array {
    return this.#memory.uint32(this.#room.histograms[histogram], this.grid.bins);
  }

  #clear(histogram: number): void {
    this.#counts(histogram).fill(0);
    this.#memory.uint32(this.#room.lines[histogram], linesOf(this.grid.bins)).fill(0);
    this.#held[histogram] = 0;
  }

  /** Before `n` more values are counted: takes those out that were, if together they could overflow. */
  #makeRoom(histogram: number, n: number): void {
    if (this.#held[histogram] + n > this.#most) this.#takeOut(histogram);
    this.#held[histogram] += n;
  }

  /** Moves 32-bit counts to the sums. */
  #takeOut(histogram: number): void {
    const counts = this.#counts(histogram);
    this.#sums[histogram] ??= new Float64Array(this.grid.bins);
    const sums = this.#sums[histogram];
    for (let bin = 0; bin < counts.length; bin++) sums[bin] += counts[bin];
    this.#clear(histogram);
  }

  /**
   * Where the ascending `ranks` lie among the values that were added to a histogram since they were last sought in
   * it; all those values are in bins [from, to).
   */
  seek(histogram: number, [from, to]: readonly [number, number], ranks: readonly number[]): LinePlace[] {
    const { scratch, histograms, lines } = this.#room;
    this.#memory.uint32(scratch + RANKS, ranks.length).set(ranks);
    const [first, end] = [Math.floor(from / LINE), Math.ceil(to / LINE)];
    const found = scratch + PLACES;
    this.#exports.seek(
      histograms[histogram],
      first,
      end,
      lines[histogram],
      scratch + RANKS,
      ranks.length,
      found,
    );
    const places = this.#memory.uint32(found, ranks.length * 3);
    return ranks.map((_, i) => ({ line: places[3 * i], below: places[3 * i + 1], own: places[3 * i + 2] }));
  }

  /** Moves the counts of one histogram to another. */
  move(histogram: number, total: number): void {
    const wide = this.#sums[histogram];
    if (wide !== undefined) {
      this.#sums[total] ??= new Float64Array(this.grid.bins);
      const sums = this.#sums[total];
      for (let bin = 0; bin < wide.length; bin++) sums[bin] += wide[bin];
      this.#sums[histogram] = undefined;
    }
    this.#makeRoom(total, this.#held[histogram]);
    const counts = this.#counts(histogram);
    const sums = this.#counts(total);
    for (let bin = 0; bin < counts.length; bin++) sums[bin] += counts[bin];
    this.#clear(histogram);
    this.seek(total, [0, this.grid.bins], []);
  }

  /** Marks bins, or lines, [from, to), or takes the marks away. */
  mark(set: Marks, from: number, to: number, marked = true): void {
    this.#memory.uint8(this.#room.marks[set] + from, to - from).fill(marked ? MARK : 0);
  }

  /** Marks, or unmarks, everything in a set. */
  markAll(set: Marks, marked: boolean): void {
    this.mark(set, 0, marksIn(set, this.grid.bins), marked);
  }

  isMarked(set: Marks, place: number): boolean {
    return this.#memory.uint8(this.#room.marks[set] + place, 1)[0] !== 0;
  }

  /** Picks out the values in marked bins or lines, for `sift`; returns how many they are. */
  gather(set: Marks): number {
    const { gathered } = this.#room;
    this.#gathered = this.#gather(this.#block, set, gathered);
    return this.#gathered;
  }

  /** Of the values gathered those in marked bins or lines, in their order. A view, void after the next call. */
  sift(set: Marks): Float32Array {
    const { gathered, sifted } = this.#room;
    const n = this.#gathered;
    return this.#memory.float32(sifted, this.#gather([gathered, 1, n, n * 4, 0], set, sifted));
  }

  /** As `sift`, but ascending; what was gathered is lost. */
  siftSorted(set: Marks): Float32Array {
    const { gathered, sifted, digits } = this.#room;
    const values = this.sift(set);
    this.#gathered = 0;
    if (values.length < FEW) return values.sort();
    this.#exports.sort(sifted, values.length, gathered, digits);
    return this.#memory.float32(gathered, values.length);
  }

  #gather(values: Block, set: Marks, out: Address): number {
    const { marks } = this.#room;
    const grid = this.#gridNumbers(set < BIN_SETS ? 1 : LINE);
    return this.#exports.gather(...values, ...grid, marks[set], out, WHOLE);
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

const linesOf = (bins: number): number => Math.ceil(bins / LINE);
const marksIn = (set: number, bins: number): number => (set < BIN_SETS ? bins : linesOf(bins));

function layRoom(memory: KernelMemory, bins: number, histograms: number): Room {
  return {
    scratch: memory.allocate(SCRATCH),
    marks: Array.from({ length: SETS }, (_, set) => memory.allocate(marksIn(set, bins))),
    histograms: Array.from({ length: histograms }, () => memory.allocate(linesOf(bins) * LINE * 4)),
    lines: Array.from({ length: histograms }, () => memory.allocate(linesOf(bins) * 4)),
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
