/**
 * Barrier for the threads of a team, in three words of shared memory. Threads take pieces of a phase's work dynamically,
 * and no thread starts the next phase before all have finished this one.
 */
import { type Address, KernelMemory } from './memory.ts';

const ARRIVED = 0;
const PHASE = 1;
const TAKEN = 2;
export const BARRIER_WORDS = 3;

/** Number of polls of the phase before a thread sleeps: waking up costs about as much as 20 µs of polling. */
const LOOKS = 2000;

export class Barrier {
  readonly #words: Int32Array;
  readonly #queue: Address;
  readonly #count: number;

  /** Opens a barrier in shared memory, where `BARRIER_WORDS` were allocated at `at`. */
  static at(memory: WebAssembly.Memory, at: Address, count: number): Barrier {
    return new Barrier(new KernelMemory(memory).int32(at, BARRIER_WORDS), count);
  }

  /** @param words `BARRIER_WORDS` words of shared memory, all 0 at first */
  constructor(words: Int32Array, count: number) {
    this.#words = words;
    this.#queue = words.byteOffset + TAKEN * words.BYTES_PER_ELEMENT;
    this.#count = count;
  }

  /**
   * Runs a phase together with the other threads, in which kernels take pieces by adding 1 to a word of memory, `queue`,
   * that is 0 at first. Returns when all threads are done.
   */
  shareQueue(work: (queue: Address) => void): void {
    work(this.#queue);
    this.#wait();
  }

  /** Runs the pieces 0 … pieces − 1 of a phase together with the other threads. Returns when all threads are done. */
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
