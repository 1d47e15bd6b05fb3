/**
 * Counter-based random numbers: Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, "Parallel
 * random numbers: as easy as 1, 2, 3", SC11). A stream is a key; its n-th number depends only on the key and n, so the
 * numbers are the same however the work is split over workers.
 */

import { createHash } from 'node:crypto';
import { RANDOM_LABEL } from './fixed-names.ts';

/** Source of named streams. `random.stream('sample', 'T cell')` is independent of the streams of all other names. */
export interface RandomSource {
  stream(...name: (string | number)[]): RandomStream;
}

/** Random streams of a stage, under the seed of the run. */
export interface StageRandom extends RandomSource {
  /** Returns the streams of another stage under the same seed, so that work moved from that stage keeps its numbers. */
  of(stage: string): RandomSource;
}

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];
const PARITY = 0x1bd11bda;

/** Computes one Threefry-2x32-20 block: writes two 32-bit words for `key` and `counter` to `out`. */
export function threefry(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
  out: Uint32Array,
): void {
  const key2 = PARITY ^ key0 ^ key1;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let group = 0; group < 5; group++) {
    const base = (group & 1) * 4;
    for (let i = 0; i < 4; i++) {
      const r = ROTATIONS[base + i];
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    }
    // Key injection: the schedule walks key0, key1, key2 and adds the group's number.
    const a = (group + 1) % 3;
    const b = (group + 2) % 3;
    x0 = (x0 + (a === 0 ? key0 : a === 1 ? key1 : key2)) | 0;
    x1 = (x1 + (b === 0 ? key0 : b === 1 ? key1 : key2) + group + 1) | 0;
  }
  out[0] = x0;
  out[1] = x1;
}

/** Largest ratio n / k for which `sample` uses a mark per number instead of a set. */
const DENSE = 32;

/** Stream of random numbers. Streams with different names are independent. */
export class RandomStream {
  readonly #key0: number;
  readonly #key1: number;
  readonly #block = new Uint32Array(2);
  #counter = 0;
  #half = 0;

  constructor(key0: number, key1: number) {
    this.#key0 = key0;
    this.#key1 = key1;
  }

  /** Derives an independent stream for an index, such as a cell; cheap, without hashing. */
  at(index: number): RandomStream {
    const block = new Uint32Array(2);
    // The second counter word is never reached by `uint32`, whose high word stays below 2^21.
    threefry(
      this.#key0,
      this.#key1,
      index >>> 0,
      (0x80000000 | Math.floor(index / 0x100000000)) >>> 0,
      block,
    );
    return new RandomStream(block[0], block[1]);
  }

  /** Draws an integer, uniform over 0 … 2³² − 1. */
  uint32(): number {
    if (this.#half === 0) {
      const n = this.#counter++;
      threefry(this.#key0, this.#key1, n >>> 0, Math.floor(n / 0x100000000), this.#block);
      this.#half = 1;
      return this.#block[0];
    }
    this.#half = 0;
    return this.#block[1];
  }

  /** Draws a number, uniform over [0, 1), with 53 bits. */
  float64(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Draws an integer, uniform over 0 … n − 1, without bias; n from 1 to 2³². Throws a RangeError for any other n. */
  int(n: number): number {
    if (!(n >= 1 && n <= 0x100000000)) throw new RangeError(`int(n) needs 1 ≤ n ≤ 2^32, got ${n}`);
    const limit = Math.floor(0x100000000 / n) * n;
    let u = this.uint32();
    while (u >= limit) u = this.uint32();
    return u % n;
  }

  /** Shuffles an array in place (Fisher and Yates) and returns it. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const held = items[i];
      items[i] = items[j];
      items[j] = held;
    }
    return items;
  }

  /** Samples `k` of 0 … n − 1 without replacement, ascending (Floyd's method). Throws a RangeError if k > n. */
  sample(n: number, k: number): Int32Array {
    if (k > n) throw new RangeError(`cannot sample ${k} of ${n}`);
    if (n > DENSE * k) {
      const chosen = new Set<number>();
      for (let j = n - k; j < n; j++) {
        const t = this.int(j + 1);
        chosen.add(chosen.has(t) ? j : t);
      }
      return Int32Array.from(chosen).sort();
    }
    // The same method with a mark per number, which is faster for large samples.
    const marks = new Uint8Array(n);
    for (let j = n - k; j < n; j++) {
      const t = this.int(j + 1);
      marks[marks[t] === 1 ? j : t] = 1;
    }
    const sample = new Int32Array(k);
    for (let i = 0, found = 0; found < k; i++) if (marks[i] === 1) sample[found++] = i;
    return sample;
  }
}

/** Random streams of one seed and owner (a stage). */
export function randomSource(seed: number, owner: string): StageRandom {
  return {
    stream(...name) {
      const digest = createHash('sha256')
        .update(JSON.stringify([RANDOM_LABEL, seed, owner, ...name]))
        .digest();
      return new RandomStream(digest.readUInt32LE(0), digest.readUInt32LE(4));
    },
    of: (other) => randomSource(seed, other),
  };
}
