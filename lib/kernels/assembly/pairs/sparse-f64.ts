/** Sparse rows of arbitrary values, in 64-bit floats, against panels of 16 cells. */
import { finish } from './finish';

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

/** Zeroes the entries that `scatterF64` wrote, far fewer than the whole panel. */
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

/** Computes sparse rows (u32 columns, f32 values) against a panel of f64. */
export function sparseF64(
  indptr: usize, indices: usize, values: usize, rowStart: u32, rowEnd: u32, panel: usize, dots: usize,
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
    v128.store(dots, a0, 0);
    v128.store(dots, a1, 16);
    v128.store(dots, a2, 32);
    v128.store(dots, a3, 48);
    v128.store(dots, a4, 64);
    v128.store(dots, a5, 80);
    v128.store(dots, a6, 96);
    v128.store(dots, a7, 112);
    const at = <usize>row << 3;
    finish(dots, 16, measure, c, load<f64>(rowS + at), load<f64>(rowW + at), colS, colW, out);
    out += stride;
  }
}
