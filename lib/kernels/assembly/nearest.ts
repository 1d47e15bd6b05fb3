/**
 * Finds the few pairs of a tile that can be neighbours, in AssemblyScript with SIMD: four pairs at a time are compared
 * with how far the neighbours are that their row, and their column, have so far.
 */

/**
 * Makes distances of `n` similarities (a multiple of 4): 1 − v.
 */
export function toDistances(values: usize, n: u32): void {
  const one = f32x4.splat(1);
  const end = values + (<usize>n << 2);
  for (; values < end; values += 16) v128.store(values, f32x4.sub(one, v128.load(values)));
}

/**
 * Writes the places (row · stride + column, u32) of values that are at most the limit of their row or of their column,
 * row by row. `columns` is a multiple of 4; limits of columns past the end are below all values.
 *
 * @returns how many there are
 */
export function candidates(
  values: usize, rows: u32, columns: u32, stride: u32, rowLimits: usize, columnLimits: usize, out: usize,
): u32 {
  const first = out;
  for (let row: u32 = 0; row < rows; row++) {
    const limit = v128.load32_splat(rowLimits + (<usize>row << 2));
    const at = row * stride;
    const from = values + (<usize>at << 2);
    for (let column: u32 = 0; column < columns; column += 4) {
      const v = v128.load(from + (<usize>column << 2));
      const most = f32x4.pmax(limit, v128.load(columnLimits + (<usize>column << 2)));
      let mask = i32x4.bitmask(f32x4.le(v, most));
      while (mask != 0) {
        store<u32>(out, at + column + ctz(mask));
        out += 4;
        mask &= mask - 1;
      }
    }
  }
  return <u32>((out - first) >>> 2);
}
