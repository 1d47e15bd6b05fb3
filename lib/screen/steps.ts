/**
 * Rows as the screening kernel walks them: see lib/kernels/assembly/screen.ts. A cell's counts are mostly ones, twos and threes, so
 * that a row has few values, however they were transformed. Columns of equal value are taken four at a time.
 */
import type { Address, KernelMemory } from '../kernels/memory.ts';
import { COLUMN_BYTES, LARGEST_VALUE } from '../kernels/screen.ts';

/** Addresses of u32 arrays. */
export interface Steps {
  readonly indptr: Address;
  readonly ends: Address;
  readonly steps: Address;
}

/** Rows of whole numbers up to LARGEST_VALUE. */
export interface WholeRows {
  readonly rows: number;
  readonly columns: number;
  /** Of each row and behind the last, where its entries start. */
  readonly starts: Uint32Array;
  /** Column of each entry. */
  readonly numbers: Uint16Array;
  readonly values: Uint16Array;
}

export function layOutSteps(
  room: KernelMemory,
  { rows, columns, starts, numbers, values }: WholeRows,
): Steps {
  // At most three words for two entries. Pages that are never written take no memory.
  const most = Math.ceil(starts[rows] * 1.5) + 3 * rows;
  const [indptr, ends, steps] = [rows + 1, rows, most].map((words) => room.allocate(words * 4));
  const [indptrOut, endsOut, out] = [
    room.uint32(indptr, rows + 1),
    room.uint32(ends, rows),
    room.uint32(steps, most),
  ];
  const empty = columns * COLUMN_BYTES;
  const byValue = new ByValue(starts);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const [from, end] = [starts[row], starts[row + 1]];
    const { entries, fours } = byValue.sort(values, from, end);
    const eights = fours >>> 1;
    for (let n = 0; n < 8 * eights; n += 8) {
      out[at++] = values[entries[n]] | (values[entries[n + 4]] << 16);
      for (let k = 0; k < 8; k++) out[at++] = numbers[entries[n + k]] * COLUMN_BYTES;
    }
    endsOut[row] = at;
    for (let n = 8 * eights; n < end - from; n += 2) {
      const hasTwo = n + 1 < end - from;
      out[at++] = values[entries[n]] | (hasTwo ? values[entries[n + 1]] << 16 : 0);
      out[at++] = numbers[entries[n]] * COLUMN_BYTES;
      out[at++] = hasTwo ? numbers[entries[n + 1]] * COLUMN_BYTES : empty;
    }
    indptrOut[row + 1] = at;
  }
  return { indptr, ends, steps };
}

/** Brings the entries of a row into order: fours of equal values, then what is left over. */
class ByValue {
  readonly #entries: Uint32Array;
  /** Of each value: entries that it has, those of them that still go to fours, and where the next of these goes. */
  readonly #tally = new Uint32Array(LARGEST_VALUE + 1);
  readonly #inFours = new Uint32Array(LARGEST_VALUE + 1);
  readonly #next = new Uint32Array(LARGEST_VALUE + 1);

  constructor(starts: Uint32Array) {
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
      inFours[value] = tally[value] & ~3;
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
