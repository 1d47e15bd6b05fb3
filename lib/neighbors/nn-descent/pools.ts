/** The nearest rows found so far of every row. */
import type { PoolArrays } from './job.ts';

export class Pools {
  readonly size: number;
  readonly indices: Int32Array;
  readonly distances: Float32Array;
  readonly fresh: Uint8Array;

  constructor({ indices, distances, fresh }: PoolArrays, size: number) {
    this.size = size;
    this.indices = indices;
    this.distances = distances;
    this.fresh = fresh;
  }

  /** Whether a pool would take a row at this distance, if it does not hold it yet. */
  isNear(row: number, distance: number): boolean {
    return distance <= this.distances[(row + 1) * this.size - 1];
  }

  /**
   * Puts a row where it belongs by distance, ties by row number. What a pool holds in the end does not depend on the
   * order of offers, as long as a pair has one distance.
   *
   * @returns false if the pool holds it already or only nearer ones
   */
  offer(row: number, other: number, distance: number): boolean {
    const { indices, distances, fresh } = this;
    const first = row * this.size;
    let slot = first + this.size - 1;
    if (!isNearer(distance, other, distances[slot], indices[slot])) return false;
    for (let at = first; at <= slot; at++) if (indices[at] === other) return false;
    for (; slot > first && isNearer(distance, other, distances[slot - 1], indices[slot - 1]); slot--) {
      distances[slot] = distances[slot - 1];
      indices[slot] = indices[slot - 1];
      fresh[slot] = fresh[slot - 1];
    }
    distances[slot] = distance;
    indices[slot] = other;
    fresh[slot] = 1;
    return true;
  }
}

/** A place that is still free is farther than anything. */
const isNearer = (distance: number, row: number, than: number, thanRow: number) =>
  distance < than || (distance === than && (thanRow < 0 || row < thanRow));
