/** Exact distances of rows, with the bits that the kernel of 64-bit floats gives (see lib/kernels/assembly/pairs/sparse-f64.ts). */
import { KernelMemory } from '../kernels/memory.ts';
import type { ScreenList } from '../kernels/screen.ts';
import type { ScreenJob } from './job.ts';
import { NearestList } from './nearest-list.ts';

const { fround } = Math;

export class Measure {
  readonly #job: ScreenJob;
  readonly #starts: Uint32Array;
  readonly #columns: Uint16Array;
  readonly #values: Float32Array;
  readonly #squares: Float64Array;
  /** One row, spread out. */
  readonly #dense: Float64Array;

  constructor(job: ScreenJob) {
    const memory = new KernelMemory(job.memory);
    this.#job = job;
    this.#starts = memory.uint32(job.starts, job.rows + 1);
    const entries = this.#starts[job.rows];
    this.#columns = memory.uint16(job.numbers, entries);
    this.#values = memory.float32(job.exact, entries);
    this.#squares = memory.float64(job.squares, job.rows);
    this.#dense = new Float64Array(job.columns);
  }

  /** Writes the nearest of a row: of those in its list, or of all if the list has given up. */
  findNearest(row: number, { entries, isGivenUp }: ScreenList): void {
    const { order, k, rows, found } = this.#job;
    const to = order[row] * k;
    const nearest = new NearestList(found.indices.subarray(to, to + k), found.distances.subarray(to, to + k));
    this.#spread(row);
    if (isGivenUp) {
      for (let other = 0; other < rows; other++) {
        if (other !== row) nearest.offer(order[other], this.#distance(row, other));
      }
    } else {
      for (let at = 1; at < entries.length; at += 2) {
        nearest.offer(order[entries[at]], this.#distance(row, entries[at]));
      }
    }
    this.#clear(row);
  }

  #spread(row: number): void {
    const end = this.#starts[row + 1];
    for (let e = this.#starts[row]; e < end; e++) this.#dense[this.#columns[e]] = this.#values[e];
  }

  #clear(row: number): void {
    const end = this.#starts[row + 1];
    for (let e = this.#starts[row]; e < end; e++) this.#dense[this.#columns[e]] = 0;
  }

  /** From the row that is spread out. */
  #distance(row: number, other: number): number {
    const columns = this.#columns;
    const values = this.#values;
    const dense = this.#dense;
    const end = this.#starts[other + 1];
    let dot = 0;
    for (let e = this.#starts[other]; e < end; e++) dot += values[e] * dense[columns[e]];
    const square = this.#squares[row] + this.#squares[other] - 2 * dot;
    return fround(Math.sqrt(fround(Math.max(0, square))));
  }
}
