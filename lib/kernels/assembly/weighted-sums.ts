/**
 * Weighted sums of vectors, in AssemblyScript with SIMD: eight dimensions at once in double precision. Each dimension is
 * summed in the order of the entries, so that the bits are those of a plain loop.
 */

/**
 * Sums weight times vector for each row. A tile has eight dimensions (f32) of every vector, 32 bytes each.
 *
 * @param places u32 per entry: start of its vector in the tile, in bytes
 * @param weights f64 per entry
 * @param starts u32: row i has the entries starts[i] … starts[i + 1] − 1
 * @param sums f64: eight for each row, rows `stride` bytes apart
 */
export function addTile(
  tile: usize, places: usize, weights: usize, starts: usize, rows: u32, sums: usize, stride: u32,
): void {
  for (let row: u32 = 0; row < rows; row++) {
    let at = load<u32>(starts + (<usize>row << 2));
    const end = load<u32>(starts + (<usize>row << 2), 4);
    let s0 = f64x2.splat(0);
    let s1 = f64x2.splat(0);
    let s2 = f64x2.splat(0);
    let s3 = f64x2.splat(0);
    for (; at < end; at++) {
      const vector = tile + <usize>load<u32>(places + (<usize>at << 2));
      const weight = v128.load64_splat(weights + (<usize>at << 3));
      s0 = f64x2.add(s0, f64x2.mul(weight, f64x2.promote_low_f32x4(v128.load64_zero(vector))));
      s1 = f64x2.add(s1, f64x2.mul(weight, f64x2.promote_low_f32x4(v128.load64_zero(vector, 8))));
      s2 = f64x2.add(s2, f64x2.mul(weight, f64x2.promote_low_f32x4(v128.load64_zero(vector, 16))));
      s3 = f64x2.add(s3, f64x2.mul(weight, f64x2.promote_low_f32x4(v128.load64_zero(vector, 24))));
    }
    v128.store(sums, s0);
    v128.store(sums, s1, 16);
    v128.store(sums, s2, 32);
    v128.store(sums, s3, 48);
    sums += stride;
  }
}
