/**
 * Kernels for pairs of cells, in AssemblyScript (https://www.assemblyscript.org), compiled to WebAssembly with
 * fixed-width SIMD. No relaxed SIMD, so every machine gives the same bits.
 *
 * The work of one call: rows `rowStart … rowEnd − 1` against one panel. A panel is 16 cells laid out gene by gene
 * (16 neighbouring numbers are one gene in 16 cells), so that one entry of a sparse row meets 16 cells at once.
 * All arguments of type usize are byte addresses in the module's memory; the caller (../pairs.ts) lays it out.
 *
 * For every row the 16 dot products are finished at once into values of the measure, as 32-bit floats:
 *
 *   CORRELATION  clamp((dot − c·s_i·s_j)·w_i·w_j)    Pearson, Spearman (c, s from sums) and cosine (c = 0)
 *   EUCLIDEAN    √max(0, s_i + s_j − 2·dot)          s = squared norm
 *   DIFFERENCE   √dot                                where dot is the sum of squared differences already
 *
 * Sums run in the order of the row's entries, each in its own 64-bit lane, so that the dot of a row with its
 * equal has exactly the bits of its squared norm summed in the same order: equal cells have distance 0.
 */

const CORRELATION: i32 = 0;
const EUCLIDEAN: i32 = 1;

/** The dots of one row and a panel. */
const DOTS: usize = memory.data(128, 16);

/** Where the memory that the caller lays out begins. */
export function heapBase(): usize {
  return __heap_base;
}

function finish(measure: i32, c: f64, s: f64, w: f64, colS: usize, colW: usize, out: usize): void {
  const zero = f32x4.splat(0);
  if (measure == CORRELATION) {
    const cs = f64x2.splat(c * s);
    const ww = f64x2.splat(w);
    const one = f32x4.splat(1);
    const minusOne = f32x4.splat(-1);
    for (let k: usize = 0; k < 128; k += 32) {
      const low = f64x2.mul(
        f64x2.mul(f64x2.sub(v128.load(DOTS + k), f64x2.mul(cs, v128.load(colS + k))), ww),
        v128.load(colW + k),
      );
      const high = f64x2.mul(
        f64x2.mul(f64x2.sub(v128.load(DOTS + k, 16), f64x2.mul(cs, v128.load(colS + k, 16))), ww),
        v128.load(colW + k, 16),
      );
      const v = v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
      // + 0 turns −0 into +0, so that equal values have equal bits.
      v128.store(out + (k >> 1), f32x4.add(f32x4.min(f32x4.max(v, minusOne), one), zero));
    }
    return;
  }
  const euclidean = measure == EUCLIDEAN;
  const ss = f64x2.splat(s);
  const zero64 = f64x2.splat(0);
  for (let k: usize = 0; k < 128; k += 32) {
    let low = v128.load(DOTS + k);
    let high = v128.load(DOTS + k, 16);
    if (euclidean) {
      low = f64x2.max(zero64, f64x2.sub(f64x2.add(ss, v128.load(colS + k)), f64x2.add(low, low)));
      high = f64x2.max(zero64, f64x2.sub(f64x2.add(ss, v128.load(colS + k, 16)), f64x2.add(high, high)));
    }
    const v = v128.shuffle<f32>(
      f32x4.demote_f64x2_zero(f64x2.sqrt(low)),
      f32x4.demote_f64x2_zero(f64x2.sqrt(high)),
      0, 1, 4, 5,
    );
    v128.store(out + (k >> 1), v);
  }
}

/** Writes `lanes` sparse rows from `first` on into a zeroed panel of f64. */
export function scatterF64(
  indptr: usize, indices: usize, values: usize, first: u32, lanes: u32, panel: usize,
): void {
  for (let lane: u32 = 0; lane < lanes; lane++) {
    let p = load<u32>(indptr + ((<usize>first + lane) << 2));
    const end = load<u32>(indptr + ((<usize>first + lane) << 2), 4);
    for (; p < end; p++) {
      const at = panel + (<usize>load<u32>(indices + (<usize>p << 2)) << 7) + (lane << 3);
      store<f64>(at, <f64>load<f32>(values + (<usize>p << 2)));
    }
  }
}

/** Zeroes what `scatterF64` wrote: far less than the whole panel. */
export function clearF64(indptr: usize, indices: usize, first: u32, lanes: u32, panel: usize): void {
  let p = load<u32>(indptr + (<usize>first << 2));
  const end = load<u32>(indptr + ((<usize>first + lanes) << 2));
  const zero = f64x2.splat(0);
  for (; p < end; p++) {
    const at = panel + (<usize>load<u32>(indices + (<usize>p << 2)) << 7);
    v128.store(at, zero, 0);
    v128.store(at, zero, 16);
    v128.store(at, zero, 32);
    v128.store(at, zero, 48);
    v128.store(at, zero, 64);
    v128.store(at, zero, 80);
    v128.store(at, zero, 96);
    v128.store(at, zero, 112);
  }
}

/** Sparse rows (u32 columns, f32 values) against a panel of f64. */
export function sparseF64(
  indptr: usize, indices: usize, values: usize, rowStart: u32, rowEnd: u32, panel: usize,
  measure: i32, c: f64, rowS: usize, rowW: usize, colS: usize, colW: usize, out: usize, stride: usize,
): void {
  for (let row = rowStart; row < rowEnd; row++) {
    let a0 = f64x2.splat(0);
    let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
    const start = load<u32>(indptr + (<usize>row << 2));
    const end = load<u32>(indptr + (<usize>row << 2), 4);
    let index = indices + (<usize>start << 2);
    let value = values + (<usize>start << 2);
    const last = indices + (<usize>end << 2);
    while (index < last) {
      const g = panel + (<usize>load<u32>(index) << 7);
      const x = f64x2.splat(<f64>load<f32>(value));
      a0 = f64x2.add(a0, f64x2.mul(x, v128.load(g, 0)));
      a1 = f64x2.add(a1, f64x2.mul(x, v128.load(g, 16)));
      a2 = f64x2.add(a2, f64x2.mul(x, v128.load(g, 32)));
      a3 = f64x2.add(a3, f64x2.mul(x, v128.load(g, 48)));
      a4 = f64x2.add(a4, f64x2.mul(x, v128.load(g, 64)));
      a5 = f64x2.add(a5, f64x2.mul(x, v128.load(g, 80)));
      a6 = f64x2.add(a6, f64x2.mul(x, v128.load(g, 96)));
      a7 = f64x2.add(a7, f64x2.mul(x, v128.load(g, 112)));
      index += 4;
      value += 4;
    }
    v128.store(DOTS, a0, 0);
    v128.store(DOTS, a1, 16);
    v128.store(DOTS, a2, 32);
    v128.store(DOTS, a3, 48);
    v128.store(DOTS, a4, 64);
    v128.store(DOTS, a5, 80);
    v128.store(DOTS, a6, 96);
    v128.store(DOTS, a7, 112);
    const at = <usize>row << 3;
    finish(measure, c, load<f64>(rowS + at), load<f64>(rowW + at), colS, colW, out);
    out += stride;
  }
}

/**
 * The same for non-negative integers below 2^15, such as doubled shifted ranks, exactly. A row's entries stand
 * two by two: a u32 of two 16-bit columns (low half first) and a u32 of two 16-bit values; an odd row ends in a
 * column that no cell uses. The panel is i16.
 */
export function scatterI16(
  indptr: usize, indices: usize, values: usize, first: u32, lanes: u32, panel: usize,
): void {
  for (let lane: u32 = 0; lane < lanes; lane++) {
    let p = load<u32>(indptr + ((<usize>first + lane) << 2));
    const end = load<u32>(indptr + ((<usize>first + lane) << 2), 4);
    for (; p < end; p++) {
      const index = load<u32>(indices + (<usize>p << 2));
      const value = load<u32>(values + (<usize>p << 2));
      store<u16>(panel + ((<usize>index & 0xffff) << 5) + (lane << 1), <u16>value);
      store<u16>(panel + ((<usize>index >>> 16) << 5) + (lane << 1), <u16>(value >>> 16));
    }
  }
}

export function clearI16(indptr: usize, indices: usize, first: u32, lanes: u32, panel: usize): void {
  let p = load<u32>(indptr + (<usize>first << 2));
  const end = load<u32>(indptr + ((<usize>first + lanes) << 2));
  const zero = i32x4.splat(0);
  for (; p < end; p++) {
    const index = load<u32>(indices + (<usize>p << 2));
    const low = panel + ((<usize>index & 0xffff) << 5);
    const high = panel + ((<usize>index >>> 16) << 5);
    v128.store(low, zero, 0);
    v128.store(low, zero, 16);
    v128.store(high, zero, 0);
    v128.store(high, zero, 16);
  }
}

/** Adds four unsigned 32-bit sums to the dots; below 2^53 that is exact. */
// @ts-ignore: decorator
@inline
function flush(at: usize, sums: v128): void {
  const high = v128.shuffle<i32>(sums, sums, 2, 3, 2, 3);
  v128.store(DOTS + at, f64x2.add(v128.load(DOTS + at), f64x2.convert_low_i32x4_u(sums)));
  v128.store(DOTS + at, f64x2.add(v128.load(DOTS + at, 16), f64x2.convert_low_i32x4_u(high)), 16);
}

/** `safe`: how many steps (of two entries) fit unsigned 32-bit sums, at least 1. */
export function sparseI16(
  indptr: usize, indices: usize, values: usize, rowStart: u32, rowEnd: u32, panel: usize, safe: u32,
  measure: i32, c: f64, rowS: usize, rowW: usize, colS: usize, colW: usize, out: usize, stride: usize,
): void {
  const zero = i32x4.splat(0);
  const step = <usize>safe << 2;
  for (let row = rowStart; row < rowEnd; row++) {
    for (let k: usize = 0; k < 128; k += 16) v128.store(DOTS + k, zero);
    const start = load<u32>(indptr + (<usize>row << 2));
    const end = load<u32>(indptr + (<usize>row << 2), 4);
    let index = indices + (<usize>start << 2);
    let value = values + (<usize>start << 2);
    const last = indices + (<usize>end << 2);
    while (index < last) {
      const stop = last - index > step ? index + step : last;
      let a0 = zero, a1 = zero, a2 = zero, a3 = zero;
      while (index < stop) {
        const both = load<u32>(index);
        const g = panel + ((<usize>both & 0xffff) << 5);
        const h = panel + ((<usize>both >>> 16) << 5);
        const x = v128.load32_splat(value);
        const g0 = v128.load(g, 0);
        const h0 = v128.load(h, 0);
        const g1 = v128.load(g, 16);
        const h1 = v128.load(h, 16);
        a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x, v128.shuffle<i16>(g0, h0, 0, 8, 1, 9, 2, 10, 3, 11)));
        a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x, v128.shuffle<i16>(g0, h0, 4, 12, 5, 13, 6, 14, 7, 15)));
        a2 = i32x4.add(a2, i32x4.dot_i16x8_s(x, v128.shuffle<i16>(g1, h1, 0, 8, 1, 9, 2, 10, 3, 11)));
        a3 = i32x4.add(a3, i32x4.dot_i16x8_s(x, v128.shuffle<i16>(g1, h1, 4, 12, 5, 13, 6, 14, 7, 15)));
        index += 4;
        value += 4;
      }
      flush(0, a0);
      flush(32, a1);
      flush(64, a2);
      flush(96, a3);
    }
    const at = <usize>row << 3;
    finish(measure, c, load<f64>(rowS + at), load<f64>(rowW + at), colS, colW, out);
    out += stride;
  }
}

/** Lays out `lanes` dense rows (f32) from `first` on as a panel of f64; unused lanes are zeroed. */
export function scatterDense(values: usize, dims: u32, first: u32, lanes: u32, panel: usize): void {
  memory.fill(panel, 0, <usize>dims << 7);
  for (let lane: u32 = 0; lane < lanes; lane++) {
    let from = values + ((<usize>first + lane) * dims << 2);
    let to = panel + (lane << 3);
    for (let d: u32 = 0; d < dims; d++) {
      store<f64>(to, <f64>load<f32>(from));
      from += 4;
      to += 128;
    }
  }
}

/** Dense rows (f32) against a panel of f64: dots, or for DIFFERENCE the sums of squared differences. */
export function denseF64(
  values: usize, dims: u32, rowStart: u32, rowEnd: u32, panel: usize,
  measure: i32, c: f64, rowS: usize, rowW: usize, colS: usize, colW: usize, out: usize, stride: usize,
): void {
  const dots = measure == CORRELATION || measure == EUCLIDEAN;
  for (let row = rowStart; row < rowEnd; row++) {
    let a0 = f64x2.splat(0);
    let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
    let value = values + (<usize>row * dims << 2);
    const last = value + (<usize>dims << 2);
    let g = panel;
    if (dots) {
      while (value < last) {
        const x = f64x2.splat(<f64>load<f32>(value));
        a0 = f64x2.add(a0, f64x2.mul(x, v128.load(g, 0)));
        a1 = f64x2.add(a1, f64x2.mul(x, v128.load(g, 16)));
        a2 = f64x2.add(a2, f64x2.mul(x, v128.load(g, 32)));
        a3 = f64x2.add(a3, f64x2.mul(x, v128.load(g, 48)));
        a4 = f64x2.add(a4, f64x2.mul(x, v128.load(g, 64)));
        a5 = f64x2.add(a5, f64x2.mul(x, v128.load(g, 80)));
        a6 = f64x2.add(a6, f64x2.mul(x, v128.load(g, 96)));
        a7 = f64x2.add(a7, f64x2.mul(x, v128.load(g, 112)));
        value += 4;
        g += 128;
      }
    } else {
      while (value < last) {
        const x = f64x2.splat(<f64>load<f32>(value));
        let d = f64x2.sub(x, v128.load(g, 0));
        a0 = f64x2.add(a0, f64x2.mul(d, d));
        d = f64x2.sub(x, v128.load(g, 16));
        a1 = f64x2.add(a1, f64x2.mul(d, d));
        d = f64x2.sub(x, v128.load(g, 32));
        a2 = f64x2.add(a2, f64x2.mul(d, d));
        d = f64x2.sub(x, v128.load(g, 48));
        a3 = f64x2.add(a3, f64x2.mul(d, d));
        d = f64x2.sub(x, v128.load(g, 64));
        a4 = f64x2.add(a4, f64x2.mul(d, d));
        d = f64x2.sub(x, v128.load(g, 80));
        a5 = f64x2.add(a5, f64x2.mul(d, d));
        d = f64x2.sub(x, v128.load(g, 96));
        a6 = f64x2.add(a6, f64x2.mul(d, d));
        d = f64x2.sub(x, v128.load(g, 112));
        a7 = f64x2.add(a7, f64x2.mul(d, d));
        value += 4;
        g += 128;
      }
    }
    v128.store(DOTS, a0, 0);
    v128.store(DOTS, a1, 16);
    v128.store(DOTS, a2, 32);
    v128.store(DOTS, a3, 48);
    v128.store(DOTS, a4, 64);
    v128.store(DOTS, a5, 80);
    v128.store(DOTS, a6, 96);
    v128.store(DOTS, a7, 112);
    const at = <usize>row << 3;
    finish(measure, c, load<f64>(rowS + at), load<f64>(rowW + at), colS, colW, out);
    out += stride;
  }
}
