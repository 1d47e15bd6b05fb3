/** Pools of the nearest rows found so far for every row. */
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

  /** Whether a pool would accept a row at this distance, if it does not hold that row yet. */
  isNear(row: number, distance: number): boolean {
    return distance <= this.distances[(row + 1) * this.size - 1];
  }

  /**
   * Inserts a row by distance, ties by row number. The final content of a pool does not depend on the order of offers, as
   * long as a pair always has the same distance.
   *
   * @returns false if the pool holds the row already, or only nearer ones
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

/** Whether a row comes before another, by distance, then number; a free place, at an infinite distance, comes last. */
const isNearer = (distance: number, row: number, than: number, thanRow: number) =>
  distance < than || (distance === than && (thanRow < 0 || row < thanRow));
