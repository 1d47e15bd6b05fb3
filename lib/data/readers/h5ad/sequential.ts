/** Reader of a one-dimensional dataset from front to back, each chunk of the file decompressed once. */
import type { Hdf5File, Numbers } from './hdf5.ts';

/** Number of elements fetched at a time, if the chunks are not larger. */
const STRETCH = 1 << 20;

export class SequentialReader {
  readonly #file: Hdf5File;
  readonly #path: string;
  readonly #length: number;
  readonly #chunk: number;
  #held: Numbers = new Float64Array(0);
  #heldStart = 0;
  #heldEnd = 0;

  /** @param limit bound of the elements that will be requested */
  constructor(file: Hdf5File, path: string, limit = Number.POSITIVE_INFINITY) {
    const info = file.dataset(path);
    this.#file = file;
    this.#path = path;
    this.#length = Math.min(info.shape[0], limit);
    this.#chunk = info.chunks?.[0] ?? 1;
  }

  /** Reads elements [from, to), valid until the next call. Cheap if `from` does not go back. */
  read(from: number, to: number): Numbers {
    if (from < this.#heldStart || to > this.#heldEnd) this.#fetch(from, to);
    return this.#held.subarray(from - this.#heldStart, to - this.#heldStart);
  }

  #fetch(from: number, to: number): void {
    const goesOn = from >= this.#heldStart && from <= this.#heldEnd && this.#heldEnd > 0;
    // Whole chunks, since HDF5 decompresses whole chunks and drops them with each call.
    const chunk = this.#chunk;
    const start = goesOn ? this.#heldEnd : Math.floor(from / chunk) * chunk;
    const end = Math.min(this.#length, Math.ceil(Math.max(to, start + STRETCH) / chunk) * chunk);
    const fresh = this.#file.numbers(this.#path, start, end);
    if (!goesOn || from === this.#heldEnd) {
      this.#held = fresh;
      this.#heldStart = start;
    } else {
      const kept = this.#held.subarray(from - this.#heldStart);
      const joined = new (fresh.constructor as new (length: number) => Numbers)(kept.length + fresh.length);
      joined.set(kept);
      joined.set(fresh, kept.length);
      this.#held = joined;
      this.#heldStart = from;
    }
    this.#heldEnd = end;
  }
}
