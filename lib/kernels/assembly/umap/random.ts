/** Which points repel: random numbers that depend on the epoch and the edge alone. */
import { constant, COUNT, KEY0, KEY1, MIX0, MIX1 } from './state';

/**
 * Four numbers from 0 to `targetCount` − 1 for four counters. For each pair of keys the mixing is a permutation of
 * 2^32 numbers (Wellons' lowbias32, with a key in between).
 */
// @ts-ignore: decorator
@inline
export function drawn(counters: v128): v128 {
  let x = i32x4.add(counters, constant(KEY0));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), constant(MIX0));
  x = v128.xor(x, constant(KEY1));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), constant(MIX1));
  x = v128.xor(x, i32x4.shr_u(x, 16));
  // The high word of x · count
  const even = i64x2.extmul_low_i32x4_u(x, constant(COUNT));
  const odd = i64x2.extmul_high_i32x4_u(x, constant(COUNT));
  return v128.shuffle<i32>(even, odd, 1, 3, 5, 7);
}
