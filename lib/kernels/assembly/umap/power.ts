/** Powers of 32-bit floats, four at a time, from additions, multiplications and shifts. */
import { constant } from './state';

/** x^2b for x² ≥ 0 as 2^(b·log2 x²), relative error about 1e-6, of at most 2^60. Zero stands for 2^-126. */
// @ts-ignore: decorator
@inline
export function power(x: v128): v128 {
  // x = 2^k · (1 + f), √½ ≤ 1 + f < √2
  const bits = i32x4.sub(f32x4.pmax(x, constant(0)), constant(1));
  const k = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  const m = i32x4.add(v128.and(bits, constant(2)), constant(1));
  const one = constant(3);
  const f = f32x4.sub(m, one);
  const f2 = f32x4.mul(f, f);
  const f4 = f32x4.mul(f2, f2);
  // log2 (1 + f) / f, minimax, by Estrin's scheme: short chains of dependent steps
  const p01 = f32x4.add(constant(4), f32x4.mul(f, constant(5)));
  const p23 = f32x4.add(constant(6), f32x4.mul(f, constant(7)));
  const p45 = f32x4.add(constant(8), f32x4.mul(f, constant(9)));
  const p67 = f32x4.add(constant(10), f32x4.mul(f, constant(11)));
  const p03 = f32x4.add(p01, f32x4.mul(f2, p23));
  const p47 = f32x4.add(p45, f32x4.mul(f2, p67));
  const log = f32x4.add(k, f32x4.mul(f, f32x4.add(p03, f32x4.mul(f4, p47))));
  // 2^t, within what stays finite when multiplied with a square
  const t = f32x4.pmax(f32x4.pmin(f32x4.mul(constant(12), log), constant(13)), constant(14));
  // Added to 1.5 · 2^23, t is rounded to a whole number, which stands in the low bits.
  const magic = constant(15);
  const whole = f32x4.add(t, magic);
  const r = f32x4.sub(t, f32x4.sub(whole, magic));
  const r2 = f32x4.mul(r, r);
  const q01 = f32x4.add(constant(16), f32x4.mul(r, constant(17)));
  const q23 = f32x4.add(constant(18), f32x4.mul(r, constant(19)));
  const q45 = f32x4.add(constant(20), f32x4.mul(r, constant(21)));
  const q = f32x4.add(q01, f32x4.mul(r2, f32x4.add(q23, f32x4.mul(r2, q45))));
  return f32x4.mul(q, i32x4.shl(i32x4.add(whole, constant(22)), 23));
}

/** For tests: x^2b. */
export function powerOf(squared: f32): f32 {
  return f32x4.extract_lane(power(f32x4.splat(squared)), 0);
}
