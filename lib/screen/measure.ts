/** Exact distances of rows, with the bits that the kernel of 64-bit floats gives (see lib/kernels/assembly/pairs/sparse-f64.ts). */
import { KernelMemory } from '../kernels/memory.ts';
import type { ScreenList } from '../kernels/screen.ts';
import type { ScreenJob } from './job.ts';
import { NearestList } from './nearest-list.ts';

const { fround } = Math;

export class Measure {
  readonly #job: ScreenJob;
  readonly #squares: Float64Array;
  /** One row, spread out. */
  readonly #dense: Float64Array;

  constructor(job: ScreenJob) {
    this.#job = job;
    this.#squares = new KernelMemory(job.memory).float64(job.squares, job.rows);
    this.#dense = new Float64Array(job.matrix.columns);
  }

  /** Writes the nearest of a row in the job's order: of those in its list, or of all if the list has given up. */
  findNearest(nth: number, { entries, isGivenUp }: ScreenList): void {
    const { order, k, rows, found } = this.#job;
    const row = order[nth];
    const [to, end] = [row * k, (row + 1) * k];
    const nearest = new NearestList(found.indices.subarray(to, end), found.distances.subarray(to, end));
    this.#spread(row);
    if (isGivenUp) {
      for (let other = 0; other < rows; other++) {
        if (other !== row) nearest.offer(other, this.#distance(row, other));
      }
    } else {
      for (let at = 1; at < entries.length; at += 2) {
        const other = order[entries[at]];
        nearest.offer(other, this.#distance(row, other));
      }
    }
    this.#clear(row);
  }

  #spread(row: number): void {
    const { indptr, indices, values } = this.#job.matrix;
    for (let e = indptr[row]; e < indptr[row + 1]; e++) this.#dense[indices[e]] = values[e];
  }

  #clear(row: number): void {
    const { indptr, indices } = this.#job.matrix;
    for (let e = indptr[row]; e < indptr[row + 1]; e++) this.#dense[indices[e]] = 0;
  }

  /** From the row that is spread out. */
  #distance(row: number, other: number): number {
    const { indptr, indices, values } = this.#job.matrix;
    const dense = this.#dense;
    const end = indptr[other + 1];
    let dot = 0;
    for (let e = indptr[other]; e < end; e++) dot += values[e] * dense[indices[e]];
    const square = this.#squares[row] + this.#squares[other] - 2 * dot;
    return fround(Math.sqrt(fround(Math.max(0, square))));
  }
}
