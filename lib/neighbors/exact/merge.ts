/** Merging of neighbour lists. */
import type { NearestRows } from '../../kernels/nearest.ts';
import { isNearer } from '../neighbor-lists.ts';

/**
 * Nearest neighbours of all rows, rows × k, merged from parts: the row itself first, at distance 0, then the nearest of
 * all parts added so far.
 */
export class NearestMerge implements NearestRows {
  readonly indices: Int32Array;
  readonly distances: Float32Array;
  readonly #k: number;
  /** Scratch for one row. */
  readonly #room: NearestRows;

  constructor(rows: number, k: number) {
    this.#k = k;
    this.indices = new Int32Array(rows * k).fill(-1);
    this.distances = new Float32Array(rows * k).fill(Number.POSITIVE_INFINITY);
    this.#room = { indices: new Int32Array(k), distances: new Float32Array(k) };
    for (let row = 0; row < rows; row++) {
      this.indices[row * k] = row;
      this.distances[row * k] = 0;
    }
  }

  /** Adds the neighbours that one part found for the rows from `first` on. Parts may come in any order. */
  add(first: number, found: NearestRows): void {
    const others = this.#k - 1;
    for (let from = 0, row = first; from < found.indices.length; from += others, row++) {
      this.#merge(row * this.#k + 1, found, from);
    }
  }

  /** Merges two sorted lists, the row's neighbours at `at` and the found ones at `from`, and keeps the nearest at `at`. */
  #merge(at: number, found: NearestRows, from: number): void {
    const others = this.#k - 1;
    const { indices, distances } = this;
    const last = at + others - 1;
    // The farthest neighbour so far is at least as near as the nearest found one.
    if (!isNearer(found.distances[from], found.indices[from], distances[last], indices[last])) return;
    const room = this.#room;
    let [own, other] = [at, from];
    for (let place = 0; place < others; place++) {
      const isOwn =
        found.indices[other] < 0 ||
        (indices[own] >= 0 &&
          isNearer(distances[own], indices[own], found.distances[other], found.indices[other]));
      room.indices[place] = isOwn ? indices[own] : found.indices[other];
      room.distances[place] = isOwn ? distances[own++] : found.distances[other++];
    }
    for (let place = 0; place < others; place++) {
      indices[at + place] = room.indices[place];
      distances[at + place] = room.distances[place];
    }
  }
}

/** Puts each row itself first in its sorted list: rows × k lists of others become rows × (k + 1). */
export function withSelf({ indices, distances }: NearestRows, rows: number): NearestRows {
  const others = indices.length / rows;
  const k = others + 1;
  const all = { indices: new Int32Array(rows * k), distances: new Float32Array(rows * k) };
  for (let row = 0; row < rows; row++) {
    all.indices[row * k] = row;
    for (let n = 0; n < others; n++) {
      all.indices[row * k + 1 + n] = indices[row * others + n];
      all.distances[row * k + 1 + n] = distances[row * others + n];
    }
  }
  return all;
}
