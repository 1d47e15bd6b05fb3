/** Random choice of the points that repel, which depends on the epoch and the edge only. */
import {
  BASE, BYTES, constant, COUNT, drawn, FIRST_FOUR, KEY0, KEY1, MIX0, MIX1, negatives, NEXT, NEXT_FOUR,
} from './state';

/**
 * Computes random bits for four edges. For each pair of keys the mixing is a permutation of the 2^32 numbers (Wellons'
 * lowbias32, with a key in between).
 */
// @ts-ignore: decorator
@inline
function randomBits(edges: v128): v128 {
  let x = i32x4.add(edges, constant(KEY0));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), constant(MIX0));
  x = v128.xor(x, constant(KEY1));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), constant(MIX1));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/** High words of the products x · y. */
// @ts-ignore: decorator
@inline
function highProduct(x: v128, y: v128): v128 {
  const even = i64x2.extmul_low_i32x4_u(x, y);
  const odd = i64x2.extmul_high_i32x4_u(x, y);
  return v128.shuffle<i32>(even, odd, 1, 3, 5, 7);
}

// @ts-ignore: decorator
@inline
export function first(x: v128): v128 {
  return v128.shuffle<i32>(x, x, 0, 0, 0, 0);
}

/**
 * Draws `negatives` points for each of four edges or, with `alone`, for the first edge only, four at a time. The bits are
 * multiplied by a constant after each draw. Addresses go to `drawn`, the last row first; a point that draws itself,
 * `self`, gets the address of padding.
 */
// @ts-ignore: decorator
@inline
export function draw(alone: bool, edges: v128, self: v128): void {
  let bits = randomBits(edges);
  if (alone) bits = i32x4.mul(first(bits), constant(FIRST_FOUR));
  const next = constant(alone ? NEXT_FOUR : NEXT);
  const count = constant(COUNT);
  const bytes = constant(BYTES);
  const base = constant(BASE);
  for (let n = <i32>negatives; n > 0; n -= alone ? 4 : 1) {
    const found = highProduct(bits, count);
    const target = v128.or(found, i32x4.eq(found, self));
    v128.store(drawn + (<usize>n << 4), i32x4.add(base, i32x4.mul(target, bytes)));
    bits = i32x4.mul(bits, next);
  }
}
