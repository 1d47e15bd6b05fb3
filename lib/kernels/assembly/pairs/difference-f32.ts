/**
 * Euclidean distances of dense rows of few dimensions, in 32-bit floats throughout, against panels of 32 cells. Summing
 * squares of differences keeps the digits of cells that lie close together: the relative error of a distance is at most
 * (dims + 3) · 2^-25.
 */

/** Lays out `lanes` dense rows (f32) from `first` on as a panel of f32; unused lanes are zeroed. */
export function scatterDifference(values: usize, dims: u32, first: u32, lanes: u32, panel: usize): void {
  memory.fill(panel, 0, <usize>dims << 7);
  for (let lane: u32 = 0; lane < lanes; lane++) {
    let from = values + ((<usize>first + lane) * dims << 2);
    let to = panel + (lane << 2);
    for (let d: u32 = 0; d < dims; d++) {
      store<f32>(to, load<f32>(from));
      from += 4;
      to += 128;
    }
  }
}

// @ts-ignore: decorator
@inline
function square(x: v128): v128 {
  return f32x4.mul(x, x);
}

export function differenceF32(
  values: usize, dims: u32, rowStart: u32, rowEnd: u32, panel: usize, out: usize, stride: usize,
): void {
  let value = values + ((<usize>rowStart * dims) << 2);
  for (let row = rowStart; row < rowEnd; row++) {
    let a0 = f32x4.splat(0);
    let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
    const last = value + (<usize>dims << 2);
    let g = panel;
    while (value < last) {
      const x = v128.load32_splat(value);
      a0 = f32x4.add(a0, square(f32x4.sub(x, v128.load(g, 0))));
      a1 = f32x4.add(a1, square(f32x4.sub(x, v128.load(g, 16))));
      a2 = f32x4.add(a2, square(f32x4.sub(x, v128.load(g, 32))));
      a3 = f32x4.add(a3, square(f32x4.sub(x, v128.load(g, 48))));
      a4 = f32x4.add(a4, square(f32x4.sub(x, v128.load(g, 64))));
      a5 = f32x4.add(a5, square(f32x4.sub(x, v128.load(g, 80))));
      a6 = f32x4.add(a6, square(f32x4.sub(x, v128.load(g, 96))));
      a7 = f32x4.add(a7, square(f32x4.sub(x, v128.load(g, 112))));
      value += 4;
      g += 128;
    }
    v128.store(out, f32x4.sqrt(a0), 0);
    v128.store(out, f32x4.sqrt(a1), 16);
    v128.store(out, f32x4.sqrt(a2), 32);
    v128.store(out, f32x4.sqrt(a3), 48);
    v128.store(out, f32x4.sqrt(a4), 64);
    v128.store(out, f32x4.sqrt(a5), 80);
    v128.store(out, f32x4.sqrt(a6), 96);
    v128.store(out, f32x4.sqrt(a7), 112);
    out += stride;
  }
}
