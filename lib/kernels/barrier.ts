/**
 * Keeps the threads of a team in step: they take pieces of a phase's work as they get to them, and none starts the
 * next phase before all have finished this one. Three words of shared memory.
 */
import { type Address, KernelMemory } from './memory.ts';

const ARRIVED = 0;
const PHASE = 1;
const TAKEN = 2;
export const BARRIER_WORDS = 3;

/** Looks at the phase so many times before going to sleep: waking up costs about as much as 20 µs of looking. */
const LOOKS = 2000;

export class Barrier {
  readonly #words: Int32Array;
  readonly #queue: Address;
  readonly #count: number;

  /** In a shared memory, where room for `BARRIER_WORDS` was handed out. */
  static at(memory: WebAssembly.Memory, at: Address, count: number): Barrier {
    return new Barrier(new KernelMemory(memory).int32(at, BARRIER_WORDS), count);
  }

  /** @param words shared, zero at first: `BARRIER_WORDS` of them */
  constructor(words: Int32Array, count: number) {
    this.#words = words;
    this.#queue = words.byteOffset + TAKEN * words.BYTES_PER_ELEMENT;
    this.#count = count;
  }

  /**
   * Works together with the other threads on what kernels take piece by piece, adding 1 to a word of the memory that
   * is 0 at first; returns when all are done.
   */
  shareQueue(work: (queue: Address) => void): void {
    work(this.#queue);
    this.#wait();
  }

  /** Does the pieces 0 … pieces − 1 of a phase together with the other threads; returns when all are done. */
  divide(pieces: number, work: (piece: number) => void): void {
    for (;;) {
      const piece = Atomics.add(this.#words, TAKEN, 1);
      if (piece >= pieces) break;
      work(piece);
    }
    this.#wait();
  }

  #wait(): void {
    const words = this.#words;
    const phase = Atomics.load(words, PHASE);
    if (Atomics.add(words, ARRIVED, 1) === this.#count - 1) {
      Atomics.store(words, ARRIVED, 0);
      Atomics.store(words, TAKEN, 0);
      Atomics.add(words, PHASE, 1);
      Atomics.notify(words, PHASE);
      return;
    }
    for (let look = 0; look < LOOKS; look++) {
      if (Atomics.load(words, PHASE) !== phase) return;
    }
    while (Atomics.load(words, PHASE) === phase) Atomics.wait(words, PHASE, phase);
  }
}
