/**
 * Sparse rows of whole numbers as the integer kernels walk them: lists of steps, u32 words. A row of counts, or of what was
 * made of counts, has few values, which many of its columns share. Columns of equal value are added up before they are
 * multiplied: first come steps of eight columns (two values; four columns that have the first, four that have the
 * second), then those of two (two values; a column each).
 *
 * A word of values holds two, the low half first; a word of a column the byte where it lies in a panel. A row's last step
 * may have one column only, and another that no row uses.
 */
import type { Address, KernelMemory } from './memory.ts';

/** Bytes of a column in a panel: 16 bits of 32 rows. */
export const COLUMN_BYTES = 64;
/** The largest value of which four sum up to 16 bits with their sign. */
export const LARGEST_OF_FOURS = 8191;

/**
 * Addresses of u32 arrays: of each row where its steps start, where those of two columns start and where they end; and all
 * words.
 */
export interface Steps {
  readonly starts: Address;
  readonly twos: Address;
  readonly ends: Address;
  readonly steps: Address;
}

export interface WholeRows {
  /** Of each row, and behind the last, where its entries start. */
  readonly starts: Uint32Array;
  /** Which of them are laid out; absent: all in their order. */
  readonly order?: Int32Array;
  /** Column of each entry. */
  readonly columns: Uint16Array | Int32Array;
  /** From 0 to 32,767. */
  readonly values: Uint16Array;
  /** Where in a panel each column is to lie, by number: below `used`. */
  readonly numberOf?: Uint32Array;
  readonly used: number;
  /** No value is above it. */
  readonly largest: number;
}

/** Words that rows take at most: three for two entries. Pages that are never written take no memory. */
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

/** Lays out rows: for one thread, others may lay out others. */
export class StepsLayer {
  readonly #rows: WholeRows;
  readonly #starts: Uint32Array;
  readonly #twos: Uint32Array;
  readonly #ends: Uint32Array;
  readonly #words: Uint32Array;
  /** Of each column the byte where it lies in a panel. */
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

  /** Rows `first` … `last` − 1 of those in order, one after the other from the word `at` on. */
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

/** Brings the entries of a row into order: fours of equal values, then what is left over. */
class ByValue {
  readonly #entries: Uint32Array;
  /** Of each value: entries that it has, those of them that still go to fours, and where the next of these goes. */
  readonly #tally: Uint32Array;
  readonly #inFours: Uint32Array;
  readonly #next: Uint32Array;
  /** Of a number of entries: those that can stand in fours. */
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

  /** @returns the entries, overwritten by the next call, and how many fours they begin with */
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
