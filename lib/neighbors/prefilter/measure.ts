/** Exact distances of rows, equal to the last bit to those of the 64-bit kernel (lib/kernels/assembly/pairs/sparse-f64.ts). */
import { KernelMemory } from '../../kernels/memory.ts';
import type { PrefilterList } from '../../kernels/prefilter.ts';
import { NeighborLists } from '../neighbor-lists.ts';
import type { PrefilterJob } from './job.ts';

const { fround } = Math;

export class Measure {
  readonly #job: PrefilterJob;
  readonly #squares: Float64Array;
  /** Dense copy of one row. */
  readonly #dense: Float64Array;

  constructor(job: PrefilterJob) {
    this.#job = job;
    this.#squares = new KernelMemory(job.memory).float64(job.squares, job.rows);
    this.#dense = new Float64Array(job.matrix.columns);
  }

  /**
   * Writes the nearest neighbours of the rows `first` … `end` − 1 in the job's order, among the candidates in a row's list,
   * or among all rows if the list was given up.
   */
  findNearest(first: number, end: number, listOf: (nth: number) => PrefilterList): void {
    const { order, k, rows, found } = this.#job;
    const nearest = new NeighborLists(end - first, k);
    for (let nth = first; nth < end; nth++) {
      const { entries, isGivenUp } = listOf(nth);
      const row = order[nth];
      this.#spread(row);
      if (isGivenUp) {
        for (let other = 0; other < rows; other++) {
          if (other !== row) nearest.offer(nth - first, other, this.#distance(row, other));
        }
      } else {
        for (let at = 1; at < entries.length; at += 2) {
          const other = order[entries[at]];
          nearest.offer(nth - first, other, this.#distance(row, other));
        }
      }
      this.#clear(row);
      const from = (nth - first) * k;
      found.indices.set(nearest.indices.subarray(from, from + k), row * k);
      found.distances.set(nearest.distances.subarray(from, from + k), row * k);
    }
  }

  #spread(row: number): void {
    const { indptr, indices, values } = this.#job.matrix;
    for (let e = indptr[row]; e < indptr[row + 1]; e++) this.#dense[indices[e]] = values[e];
  }

  #clear(row: number): void {
    const { indptr, indices } = this.#job.matrix;
    for (let e = indptr[row]; e < indptr[row + 1]; e++) this.#dense[indices[e]] = 0;
  }

  /** Computes the distance between `row`, whose dense copy is in place, and `other`. */
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
