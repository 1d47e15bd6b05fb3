/**
 * Sparse rows of whole numbers from 0 to 2^15 − 1, such as doubled shifted ranks, exactly, against panels of 32
 * cells. A row's entries stand two by two: a u32 of two 16-bit columns (low half first) and a u32 of two 16-bit
 * values; an odd row ends in a column that no cell uses. The panel is i16: a column of it is a cache line.
 */
import { finish } from './finish';

export function scatterI16(
  indptr: usize, indices: usize, values: usize, first: u32, lanes: u32, panel: usize,
): void {
  for (let lane: u32 = 0; lane < lanes; lane++) {
    let p = load<u32>(indptr + ((<usize>first + lane) << 2));
    const end = load<u32>(indptr + ((<usize>first + lane) << 2), 4);
    for (; p < end; p++) {
      const index = load<u32>(indices + (<usize>p << 2));
      const value = load<u32>(values + (<usize>p << 2));
      store<u16>(panel + ((<usize>index & 0xffff) << 6) + (lane << 1), <u16>value);
      store<u16>(panel + ((<usize>index >>> 16) << 6) + (lane << 1), <u16>(value >>> 16));
    }
  }
}

// @ts-ignore: decorator
@inline
function zeroLine(at: usize): void {
  const zero = i32x4.splat(0);
  v128.store(at, zero, 0);
  v128.store(at, zero, 16);
  v128.store(at, zero, 32);
  v128.store(at, zero, 48);
}

/** Zeroes what `scatterI16` wrote: far less than the whole panel. */
export function clearI16(indptr: usize, indices: usize, first: u32, lanes: u32, panel: usize): void {
  let p = load<u32>(indptr + (<usize>first << 2));
  const end = load<u32>(indptr + ((<usize>first + lanes) << 2));
  for (; p < end; p++) {
    const index = load<u32>(indices + (<usize>p << 2));
    zeroLine(panel + ((<usize>index & 0xffff) << 6));
    zeroLine(panel + ((<usize>index >>> 16) << 6));
  }
}

/** Adds four unsigned 32-bit sums to four dots; below 2^53 that is exact. */
// @ts-ignore: decorator
@inline
function flush(dots: usize, sums: v128): void {
  const high = v128.shuffle<i32>(sums, sums, 2, 3, 2, 3);
  v128.store(dots, f64x2.add(v128.load(dots), f64x2.convert_low_i32x4_u(sums)));
  v128.store(dots, f64x2.add(v128.load(dots, 16), f64x2.convert_low_i32x4_u(high)), 16);
}

/** Products of two entries with the first, or last, four of eight cells. */
// @ts-ignore: decorator
@inline
function firstFour(x: v128, g: v128, h: v128): v128 {
  return i32x4.dot_i16x8_s(x, v128.shuffle<i16>(g, h, 0, 8, 1, 9, 2, 10, 3, 11));
}
// @ts-ignore: decorator
@inline
function lastFour(x: v128, g: v128, h: v128): v128 {
  return i32x4.dot_i16x8_s(x, v128.shuffle<i16>(g, h, 4, 12, 5, 13, 6, 14, 7, 15));
}

/** `safe`: how many steps (of two entries) fit unsigned 32-bit sums, at least 1. */
export function sparseI16(
  indptr: usize, indices: usize, values: usize, rowStart: u32, rowEnd: u32, panel: usize, dots: usize, safe: u32,
  measure: i32, c: f64, rowS: usize, rowW: usize, colS: usize, colW: usize, out: usize, stride: usize,
): void {
  const zero = i32x4.splat(0);
  const step = <usize>safe << 2;
  for (let row = rowStart; row < rowEnd; row++) {
    for (let k: usize = 0; k < 256; k += 16) v128.store(dots + k, zero);
    const start = load<u32>(indptr + (<usize>row << 2));
    const end = load<u32>(indptr + (<usize>row << 2), 4);
    let index = indices + (<usize>start << 2);
    let value = values + (<usize>start << 2);
    const last = indices + (<usize>end << 2);
    while (index < last) {
      const stop = last - index > step ? index + step : last;
      let a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero, a5 = zero, a6 = zero, a7 = zero;
      while (index < stop) {
        const both = load<u32>(index);
        const g = panel + ((<usize>both & 0xffff) << 6);
        const h = panel + ((<usize>both >>> 16) << 6);
        const x = v128.load32_splat(value);
        const g0 = v128.load(g, 0), h0 = v128.load(h, 0);
        a0 = i32x4.add(a0, firstFour(x, g0, h0));
        a1 = i32x4.add(a1, lastFour(x, g0, h0));
        const g1 = v128.load(g, 16), h1 = v128.load(h, 16);
        a2 = i32x4.add(a2, firstFour(x, g1, h1));
        a3 = i32x4.add(a3, lastFour(x, g1, h1));
        const g2 = v128.load(g, 32), h2 = v128.load(h, 32);
        a4 = i32x4.add(a4, firstFour(x, g2, h2));
        a5 = i32x4.add(a5, lastFour(x, g2, h2));
        const g3 = v128.load(g, 48), h3 = v128.load(h, 48);
        a6 = i32x4.add(a6, firstFour(x, g3, h3));
        a7 = i32x4.add(a7, lastFour(x, g3, h3));
        index += 4;
        value += 4;
      }
      flush(dots, a0);
      flush(dots + 32, a1);
      flush(dots + 64, a2);
      flush(dots + 96, a3);
      flush(dots + 128, a4);
      flush(dots + 160, a5);
      flush(dots + 192, a6);
      flush(dots + 224, a7);
    }
    const at = <usize>row << 3;
    finish(dots, 32, measure, c, load<f64>(rowS + at), load<f64>(rowW + at), colS, colW, out);
    out += stride;
  }
}
