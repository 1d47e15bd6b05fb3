/** Nearest other rows of every row, collected pair by pair in any order. */
export class NeighborLists {
  readonly k: number;
  /** Neighbours, rows × k, nearest first, ties by number; −1 in free places at the end. */
  readonly indices: Int32Array;
  readonly distances: Float32Array;
  /** Distance of each row's farthest neighbour; infinite until the row has k. */
  readonly limits: Float32Array;

  constructor(rows: number, k: number) {
    this.k = k;
    this.indices = new Int32Array(rows * k).fill(-1);
    this.distances = new Float32Array(rows * k).fill(Number.POSITIVE_INFINITY);
    this.limits = new Float32Array(rows).fill(k === 0 ? -1 : Number.POSITIVE_INFINITY);
  }

  /** Adds a pair whose distance, a 32-bit float, is not above `limits[row]`, if it is nearer than the farthest neighbour. */
  offer(row: number, other: number, distance: number): void {
    const { indices, distances, k } = this;
    const at = row * k;
    let slot = at + k - 1;
    if (!isNearer(distance, other, distances[slot], indices[slot])) return;
    for (; slot > at && isNearer(distance, other, distances[slot - 1], indices[slot - 1]); slot--) {
      distances[slot] = distances[slot - 1];
      indices[slot] = indices[slot - 1];
    }
    distances[slot] = distance;
    indices[slot] = other;
    this.limits[row] = distances[at + k - 1];
  }

  /** Adds the neighbours of another list of the same rows. */
  merge(indices: Int32Array, distances: Float32Array): void {
    for (let i = 0; i < indices.length; i++) {
      const row = Math.floor(i / this.k);
      if (indices[i] >= 0 && distances[i] <= this.limits[row]) this.offer(row, indices[i], distances[i]);
    }
  }
}

/** Whether a neighbour comes before another, by distance, then number; a free place, with a number below 0, comes last. */
export const isNearer = (distance: number, index: number, than: number, thanIndex: number) =>
  thanIndex < 0 || distance < than || (distance === than && index < thanIndex);
