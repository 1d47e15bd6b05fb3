/**
 * Sparse rows of whole numbers in the form of the integer kernels: lists of steps, in u32 words. A row of counts, or of
 * values derived from counts, has few distinct values, each shared by many columns. So columns of equal value are added up
 * before they are multiplied. Steps of eight columns come first (two values; four columns with the first, four with the
 * second), then steps of two columns (two values; one column each).
 *
 * A word of values holds two, the low half first; a word of a column holds its byte offset in a panel. The last step of a
 * row may have only one column, and a second one that no row uses.
 */
import type { Address, KernelMemory } from './memory.ts';

/** Bytes of a column in a panel: 16 bits of 32 rows. */
export const COLUMN_BYTES = 64;
/** Largest value of which four add up to a signed 16-bit number. */
export const LARGEST_OF_FOURS = 8191;

/**
 * Addresses of u32 arrays: for each row the start of its steps, the start of its steps of two columns, and their end; and
 * the words of all steps.
 */
export interface Steps {
  readonly starts: Address;
  readonly twos: Address;
  readonly ends: Address;
  readonly steps: Address;
}

export interface WholeRows {
  /** Start of the entries of each row, and the end of the last. */
  readonly starts: Uint32Array;
  /** Rows to lay out, in order; absent: all in their order. */
  readonly order?: Int32Array;
  /** Column of each entry. */
  readonly columns: Uint16Array | Int32Array;
  /** Value of each entry, from 0 to 32,767. */
  readonly values: Uint16Array;
  /** Number of each column in a panel, below `used`. */
  readonly numberOf?: Uint32Array;
  readonly used: number;
  /** Upper bound of the values. */
  readonly largest: number;
}

/** Largest number of words that rows take: three per two entries. Pages that are never written take no memory. */
export const mostWords = (rows: number, entries: number): number => Math.ceil(entries * 1.5) + 3 * rows;

export function roomForSteps(room: KernelMemory, rows: number, words: number): Steps {
  const [starts, twos, ends, steps] = [rows, rows, rows, words].map((n) => room.allocate(n * 4));
  return { starts, twos, ends, steps };
}

export function layOutSteps(room: KernelMemory, rows: WholeRows): Steps {
  const count = rows.order?.length ?? rows.starts.length - 1;
  const words = mostWords(count, rows.values.length);
  const steps = roomForSteps(room, count, words);
  new StepsLayer(room, steps, rows, words).lay(0, count, 0);
  return steps;
}

/** Layout of rows as steps, for one thread; other threads may lay out other rows. */
export class StepsLayer {
  readonly #rows: WholeRows;
  readonly #starts: Uint32Array;
  readonly #twos: Uint32Array;
  readonly #ends: Uint32Array;
  readonly #words: Uint32Array;
  /** Byte offset of each column in a panel. */
  readonly #placeOf: Uint32Array;
  readonly #byValue: ByValue;

  constructor(room: KernelMemory, { starts, twos, ends, steps }: Steps, rows: WholeRows, words: number) {
    const count = rows.order?.length ?? rows.starts.length - 1;
    this.#rows = rows;
    [this.#starts, this.#twos, this.#ends] = [starts, twos, ends].map((at) => room.uint32(at, count));
    this.#words = room.uint32(steps, words);
    const numbers = rows.numberOf ?? Uint32Array.from({ length: rows.used }, (_, number) => number);
    this.#placeOf = numbers.map((number) => number * COLUMN_BYTES);
    this.#byValue = new ByValue(rows.starts, rows.largest);
  }

  /** Lays out rows `first` … `last` − 1 of the order, one after the other from the word `at` on. */
  lay(first: number, last: number, at: number): void {
    const { starts, order, columns, values, used } = this.#rows;
    const out = this.#words;
    const placeOf = this.#placeOf;
    const empty = used * COLUMN_BYTES;
    for (let row = first; row < last; row++) {
      const from = starts[order?.[row] ?? row];
      const end = starts[(order?.[row] ?? row) + 1];
      const { entries, fours } = this.#byValue.sort(values, from, end);
      const inEights = (fours & ~1) * 4;
      this.#starts[row] = at;
      for (let n = 0; n < inEights; n += 8) {
        out[at++] = values[entries[n]] | (values[entries[n + 4]] << 16);
        for (let k = 0; k < 8; k++) out[at++] = placeOf[columns[entries[n + k]]];
      }
      this.#twos[row] = at;
      for (let n = inEights; n < end - from; n += 2) {
        const hasTwo = n + 1 < end - from;
        out[at++] = values[entries[n]] | (hasTwo ? values[entries[n + 1]] << 16 : 0);
        out[at++] = placeOf[columns[entries[n]]];
        out[at++] = hasTwo ? placeOf[columns[entries[n + 1]]] : empty;
      }
      this.#ends[row] = at;
    }
  }
}

/** Sorter of the entries of a row: fours of equal values first, then the remaining entries. */
class ByValue {
  readonly #entries: Uint32Array;
  /** Per value: number of its entries, number of entries that still go to fours, and the place of the next of these. */
  readonly #tally: Uint32Array;
  readonly #inFours: Uint32Array;
  readonly #next: Uint32Array;
  /** Mask from a number of entries to the number that fits into fours. */
  readonly #mask: number;

  constructor(starts: Uint32Array, largest: number) {
    this.#tally = new Uint32Array(largest + 1);
    this.#inFours = new Uint32Array(largest + 1);
    this.#next = new Uint32Array(largest + 1);
    this.#mask = largest <= LARGEST_OF_FOURS ? ~3 : 0;
    let longest = 0;
    for (let i = 1; i < starts.length; i++) longest = Math.max(longest, starts[i] - starts[i - 1]);
    this.#entries = new Uint32Array(longest);
  }

  /** Sorts the entries of a row. @returns the entries, overwritten by the next call, and the number of leading fours */
  sort(values: Uint16Array, from: number, end: number): { entries: Uint32Array; fours: number } {
    const entries = this.#entries;
    const tally = this.#tally;
    const inFours = this.#inFours;
    const next = this.#next;
    for (let e = from; e < end; e++) tally[values[e]]++;
    let slots = 0;
    for (let e = from; e < end; e++) {
      const value = values[e];
      if (tally[value] === 0) continue;
      inFours[value] = tally[value] & this.#mask;
      next[value] = slots;
      slots += inFours[value];
      tally[value] = 0;
    }
    const fours = slots / 4;
    for (let e = from; e < end; e++) {
      const value = values[e];
      if (inFours[value] > 0) {
        inFours[value]--;
        entries[next[value]++] = e;
      } else entries[slots++] = e;
    }
    return { entries, fours };
  }
}
