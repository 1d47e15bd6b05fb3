/** Rows of numbers in memory, and distances between them. */

export interface Points {
  readonly rows: number;
  readonly dims: number;
  /** Coordinates, rows × dims, row-major. */
  readonly values: Float32Array | Float64Array;
}

/** Writes the Euclidean distances of row `row` to all rows to `out`. */
export function distancesFrom({ rows, dims, values }: Points, row: number, out: Float64Array): void {
  const from = row * dims;
  for (let other = 0; other < rows; other++) {
    const to = other * dims;
    let sum = 0;
    for (let d = 0; d < dims; d++) {
      const difference = values[from + d] - values[to + d];
      sum += difference * difference;
    }
    out[other] = Math.sqrt(sum);
  }
}
