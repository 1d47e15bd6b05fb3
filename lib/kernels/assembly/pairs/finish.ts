/** Conversion of dot products to values of the measure. */

export const CORRELATION: i32 = 0;
export const EUCLIDEAN: i32 = 1;

/**
 * Constants in memory, since the compilers of browser engines build a literal anew, in three instructions, at every use.
 */
const ONE = memory.data<f32>([1, 1, 1, 1], 16);
const MINUS_ONE = memory.data<f32>([-1, -1, -1, -1], 16);

/**
 * Clamps to [−1, 1]; NaN stays NaN. `pmin` and `pmax` are one SSE instruction each, minimum and maximum of WebAssembly
 * eight.
 */
// @ts-ignore: decorator
@inline
function clamp(v: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, v128.load(MINUS_ONE)), v128.load(ONE));
}

/**
 * Converts the `lanes` dot products (f64) of one row to values: see ../pairs.ts for the measures. Roots are taken of
 * 32-bit floats, four at a time, which adds an error of half a unit in the last place and takes a quarter of the time.
 */
export function finish(
  dots: usize, lanes: usize, measure: i32, c: f64, s: f64, w: f64, colS: usize, colW: usize, out: usize,
): void {
  const zero = f32x4.splat(0);
  const end = lanes << 3;
  if (measure == CORRELATION) {
    const cs = f64x2.splat(c * s);
    const ww = f64x2.splat(w);
    for (let k: usize = 0; k < end; k += 32) {
      const low = f64x2.mul(
        f64x2.mul(f64x2.sub(v128.load(dots + k), f64x2.mul(cs, v128.load(colS + k))), ww),
        v128.load(colW + k),
      );
      const high = f64x2.mul(
        f64x2.mul(f64x2.sub(v128.load(dots + k, 16), f64x2.mul(cs, v128.load(colS + k, 16))), ww),
        v128.load(colW + k, 16),
      );
      const v = v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
      // + 0 turns −0 into +0, so that equal values have equal bits.
      v128.store(out + (k >> 1), f32x4.add(clamp(v), zero));
    }
    return;
  }
  const euclidean = measure == EUCLIDEAN;
  const ss = f64x2.splat(s);
  const zero64 = f64x2.splat(0);
  for (let k: usize = 0; k < end; k += 32) {
    let low = v128.load(dots + k);
    let high = v128.load(dots + k, 16);
    if (euclidean) {
      low = f64x2.pmax(f64x2.sub(f64x2.add(ss, v128.load(colS + k)), f64x2.add(low, low)), zero64);
      high = f64x2.pmax(f64x2.sub(f64x2.add(ss, v128.load(colS + k, 16)), f64x2.add(high, high)), zero64);
    }
    const v = v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
    v128.store(out + (k >> 1), f32x4.sqrt(v));
  }
}
