/** Dense rows in 64-bit floats, against panels of 16 cells. */
import { CORRELATION, EUCLIDEAN, finish } from './finish';

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

/** Computes dense rows (f32) against a panel of f64: dot products, or for DIFFERENCE sums of squared differences. */
export function denseF64(
  values: usize, dims: u32, rowStart: u32, rowEnd: u32, panel: usize, dots: usize,
  measure: i32, c: f64, rowS: usize, rowW: usize, colS: usize, colW: usize, out: usize, stride: usize,
): void {
  const ofDots = measure == CORRELATION || measure == EUCLIDEAN;
  for (let row = rowStart; row < rowEnd; row++) {
    let a0 = f64x2.splat(0);
    let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
    let value = values + (<usize>row * dims << 2);
    const last = value + (<usize>dims << 2);
    let g = panel;
    if (ofDots) {
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
