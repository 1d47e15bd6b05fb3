/** Powers of 32-bit floats, four at a time, from additions, multiplications and shifts. */
import { BIAS, constant, EXP, EXPONENT, HIGHEST, LOG, LOWEST, MAGIC, MANTISSA, ONE } from './state';

/**
 * x^2b for x² ≥ 0 as 2^(b·log2 x²), relative error about 1e-5, from 2^-120 to 2^60. Zero stands for 2^-127.
 * Minimax polynomials, by Estrin's scheme: short chains of dependent steps.
 */
// @ts-ignore: decorator
@inline
export function power(x: v128): v128 {
  // x = 2^k · m, 1 ≤ m < 2
  const k = f32x4.convert_i32x4_s(i32x4.shr_s(i32x4.sub(x, constant(BIAS)), 23));
  const m = v128.or(v128.and(x, constant(MANTISSA)), constant(ONE));
  const m2 = f32x4.mul(m, m);
  const p01 = f32x4.add(constant(LOG), f32x4.mul(m, constant(LOG + 1)));
  const p23 = f32x4.add(constant(LOG + 2), f32x4.mul(m, constant(LOG + 3)));
  const p45 = f32x4.add(constant(LOG + 4), f32x4.mul(m, constant(LOG + 5)));
  const p = f32x4.add(p01, f32x4.mul(m2, f32x4.add(p23, f32x4.mul(m2, p45))));
  const log = f32x4.add(k, p);
  // 2^t, within what stays finite when multiplied with a square
  const t = f32x4.pmax(f32x4.pmin(f32x4.mul(constant(EXPONENT), log), constant(HIGHEST)), constant(LOWEST));
  // Added to 1.5 · 2^23, t is rounded to a whole number, which stands in the low bits.
  const whole = f32x4.add(t, constant(MAGIC));
  const r = f32x4.sub(t, f32x4.sub(whole, constant(MAGIC)));
  const r2 = f32x4.mul(r, r);
  const q01 = f32x4.add(constant(EXP), f32x4.mul(r, constant(EXP + 1)));
  const q23 = f32x4.add(constant(EXP + 2), f32x4.mul(r, constant(EXP + 3)));
  const q = f32x4.add(q01, f32x4.mul(r2, f32x4.add(q23, f32x4.mul(r2, constant(EXP + 4)))));
  return i32x4.add(q, i32x4.shl(whole, 23));
}

/** For tests: x^2b. */
export function powerOf(squared: f32): f32 {
  return f32x4.extract_lane(power(f32x4.splat(squared)), 0);
}
