/**
 * Typed front end of the counting kernels (assembly/counts.ts): histograms of values, and selection of values by bin. If
 * the counter works on the memory of a pair kernel, values are read where that kernel wrote them.
 */
import { type Address, instantiateKernel, KernelMemory, sharedMemory } from './memory.ts';
import type { KernelRows } from './pairs.ts';

/** Grid of equal bins, as plain data: bin 0 begins at `lo`; values outside are counted in the first or last bin. */
export type ValueGrid = {
  readonly lo: number;
  /** Bins per unit of the values; like `lo`, a 32-bit float. */
  readonly scale: number;
  readonly bins: number;
};

/** Values in rows: `columns` numbers each, rows `stride` numbers apart, the first row at `first`. */
export interface ValueRows {
  readonly values: Float32Array;
  readonly first: number;
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  /** Whether each row begins one number later than the previous one and has one less: the part above a tile's diagonal. */
  readonly upper: boolean;
  /** Whether `values` is a view of the memory of the rows that the counter was created for. */
  readonly inKernel: boolean;
}

/** Number of values. */
export const valuesIn = ({ rows, columns, upper }: ValueRows): number =>
  rows * columns - (upper ? (rows * (rows - 1)) / 2 : 0);

/** Returns a list of values as one row. */
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

/** Largest number of ranks that can be located at once. */
const MOST_RANKS = 16;
/** Bins of a line, which is a cache line of counts and the resolution at which ranks are located. */
export const LINE = 16;
/** Mark of a bin whose values are gathered. */
const MARK = 4;
/** Offsets in the scratch, after the moments: ranks, and the places found for them. */
const RANKS = 128;
const PLACES = RANKS + (MOST_RANKS + 1) * 4;
const SCRATCH = PLACES + MOST_RANKS * 12;
/** Summands that put a whole number, or four times the number, into the low bits of the sum as a 32-bit float. */
export const WHOLE = 2 ** 23;
const WHOLE_BY_FOUR = 2 ** 21;

/** Bytes of the counts of three digits of 11 bits. */
const DIGIT_BYTES = 3 * 2048 * 4;
/** Number of values below which no radix sort is used. */
const FEW = 128;

/** Largest number of values that a histogram of 32-bit counts can take without overflow of a bin. */
export const MOST_COUNTED = 2 ** 32 - 1;

/** Number of a set of marks: two sets are of bins, and two of lines. */
export type Marks = 0 | 1 | 2 | 3;
const BIN_SETS = 2;
const SETS = 4;

/** Place of a rank: its line, the number of values in earlier lines, and the number of values in the line. */
export interface LinePlace {
  readonly line: number;
  readonly below: number;
  readonly own: number;
}

/** Addresses of the arrays of a counter in a memory. */
interface Room {
  readonly scratch: Address;
  readonly marks: readonly Address[];
  readonly histograms: readonly Address[];
  /** Sums of the lines of each histogram when ranks were last located in it. */
  readonly lines: readonly Address[];
  /** Counts of digits, for sorting. */
  readonly digits: Address;
  /** Buffers of `capacity` values each: copies of values from other memory, gathered values, and values sifted from them. */
  copied: Address;
  gathered: Address;
  sifted: Address;
  capacity: number;
}

/** Rooms of this thread in the memories of pair kernels, kept for reuse, since memory is never released. */
const rooms = /* @__PURE__ */ new Map<string, Room>();

/** Counter of values over one grid, with several histograms and sets of marked bins and lines. */
export class ValueCounter {
  readonly grid: ValueGrid;
  readonly #exports: Exports;
  readonly #memory: KernelMemory;
  readonly #room: Room;
  #block: Block = [0, 0, 0, 0, 0];
  #n = 0;
  #gathered = 0;
  readonly #most: number;
  /** Number of values in the 32-bit counts of each histogram, and 64-bit sums moved out of them before overflow. */
  readonly #held: number[];
  readonly #sums: (Float64Array | undefined)[];

  /**
   * Opens a counter, in the memory of `rows` if given.
   *
   * @param rows rows whose tiles are counted, if they have a kernel
   * @param most largest number of values in 32-bit counts, at least those of one `load`; smaller in tests
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
   * Loads values, which must stay in place until the next are loaded.
   *
   * @returns the number of values
   */
  load(rows: ValueRows): number {
    const n = valuesIn(rows);
    this.#n = n;
    this.#gathered = 0;
    const room = this.#room;
    if (n > room.capacity) {
      room.capacity = Math.max(n, 2 * room.capacity, 1 << 12);
      // Four extra values: kernels read four at a time, and write one beyond the values that they keep.
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

  /** Arguments of the grid or, with `width` 16, of the grid of its lines. */
  #gridNumbers(width: 1 | 16 = 1): Grid {
    const { lo, scale, bins } = this.grid;
    return [lo, scale / width, Math.ceil(bins / width) - 1];
  }

  /** Adds the loaded values, at least one, to a histogram, and returns their moments. */
  count(histogram: number): { sum: number; min: number; max: number } {
    const { histograms } = this.#room;
    this.#makeRoom(histogram, this.#n);
    return this.#count(histograms[histogram], this.#gridNumbers());
  }

  /**
   * Adds the loaded values to a histogram like `count`, and also to the sums of its lines, so that the next `seek` ignores
   * them.
   */
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

  /**
   * Returns the counts of a histogram: a view that is invalid after `load`, or 64-bit floats if there are more values than
   * 32-bit counts can take.
   */
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

  /** Moves 32-bit counts to the sums if `n` more values could make them overflow. */
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
   * Locates the ascending `ranks` among the values that were added to a histogram since its last `seek`; all those values
   * must be in bins [from, to).
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

  /** Moves the counts of one histogram to another, whose next `seek` ignores them. */
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

  /** Marks bins, or lines, [from, to), or removes their marks. */
  mark(set: Marks, from: number, to: number, marked = true): void {
    this.#memory.uint8(this.#room.marks[set] + from, to - from).fill(marked ? MARK : 0);
  }

  /** Marks, or unmarks, all bins or lines of a set. */
  markAll(set: Marks, marked: boolean): void {
    this.mark(set, 0, marksIn(set, this.grid.bins), marked);
  }

  isMarked(set: Marks, place: number): boolean {
    return this.#memory.uint8(this.#room.marks[set] + place, 1)[0] !== 0;
  }

  /** Gathers the loaded values in marked bins or lines, for `sift`; returns their number. */
  gather(set: Marks): number {
    const { gathered } = this.#room;
    this.#gathered = this.#gather(this.#block, set, gathered);
    return this.#gathered;
  }

  /** Returns the gathered values in marked bins or lines, in their order, as a view that is invalid after the next call. */
  sift(set: Marks): Float32Array {
    const { gathered, sifted } = this.#room;
    const n = this.#gathered;
    return this.#memory.float32(sifted, this.#gather([gathered, 1, n, n * 4, 0], set, sifted));
  }

  /** Returns the values of `sift` in ascending order; the gathered values are lost. */
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

  /** Returns all loaded values, ascending, as a view that is invalid after the next call; the gathered values are lost. */
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

/** Copies rows one after the other. */
export function copyRows({ values, first, rows, columns, stride, upper }: ValueRows, to: Float32Array): void {
  let n = 0;
  for (let row = 0; row < rows; row++) {
    const at = first + row * stride + (upper ? row : 0);
    const own = upper ? columns - row : columns;
    to.set(values.subarray(at, at + own), n);
    n += own;
  }
}

/** Returns the bin of a value, by the same rounding as the kernels. */
export function binOf({ lo, scale, bins }: ValueGrid, value: number): number {
  const place = Math.fround(Math.fround(value - lo) * scale);
  return place >= bins ? bins - 1 : place > 0 ? Math.trunc(place) : 0;
}
