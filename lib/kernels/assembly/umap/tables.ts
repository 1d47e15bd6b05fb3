/** Forces, looked up in tables by squared distance (lib/embeddings/umap/layout/force-tables.ts). */
import { constant, LIMIT, MINUS_LIMIT, PULLS, PUSHES } from './state';

/** Number of low bits of a squared distance that do not select a line of a table, and the log2 of the bytes of a line. */
const REST_BITS: i32 = 17;
const LINE_BITS: i32 = 3;

/** Force over distance, which times a difference of coordinates is the gradient. `table` is the index of a constant. */
// @ts-ignore: decorator
@inline
export function factorOf(table: usize, squared: v128): v128 {
  const at = i32x4.add(constant(table), i32x4.shl(i32x4.shr_u(squared, REST_BITS), LINE_BITS));
  // Addresses are extracted two at a time, which is faster than one by one.
  const atAB = i64x2.extract_lane(at, 0);
  const atCD = i64x2.extract_lane(at, 1);
  const ab = v128.load64_lane(<usize>(atAB >>> 32), v128.load64_zero(<usize><u32>atAB), 1);
  const cd = v128.load64_lane(<usize>(atCD >>> 32), v128.load64_zero(<usize><u32>atCD), 1);
  const value = v128.shuffle<i32>(ab, cd, 0, 2, 4, 6);
  const slope = v128.shuffle<i32>(ab, cd, 1, 3, 5, 7);
  return f32x4.add(value, f32x4.mul(slope, squared));
}

/** Whether one of four targets is so near that its gradient may have to be clipped, which is rare; see `PULLS_CLIPPED`. */
// @ts-ignore: decorator
@inline
export function isNear(squared: v128, clipped: usize): bool {
  return i32x4.bitmask(f32x4.lt(squared, constant(clipped))) != 0;
}

/** Clips a gradient to ±4, as in umap-learn. */
// @ts-ignore: decorator
@inline
export function clipped(gradient: v128): v128 {
  return f32x4.pmax(f32x4.pmin(gradient, constant(LIMIT)), constant(MINUS_LIMIT));
}

/** Attraction or repulsion over distance, for tests. */
export function factorAt(isPush: bool, squared: f32): f32 {
  return f32x4.extract_lane(factorOf(isPush ? PUSHES : PULLS, f32x4.splat(squared)), 0);
}
