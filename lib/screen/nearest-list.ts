/** The k nearest others of a row, in order: by distance, ties by row number. */
export class NearestList {
  readonly #indices: Int32Array;
  readonly #distances: Float32Array;

  /** @param indices,distances of length k: where the list is to stand; what they hold is overwritten */
  constructor(indices: Int32Array, distances: Float32Array) {
    this.#indices = indices.fill(-1);
    this.#distances = distances.fill(Number.POSITIVE_INFINITY);
  }

  offer(row: number, distance: number): void {
    const indices = this.#indices;
    const distances = this.#distances;
    let slot = indices.length;
    while (
      slot > 0 &&
      (distance < distances[slot - 1] || (distance === distances[slot - 1] && row < indices[slot - 1]))
    ) {
      slot--;
    }
    if (slot === indices.length) return;
    indices.copyWithin(slot + 1, slot, indices.length - 1);
    distances.copyWithin(slot + 1, slot, distances.length - 1);
    indices[slot] = row;
    distances[slot] = distance;
  }
}
