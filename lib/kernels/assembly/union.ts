/**
 * Sums over the genes that a sparse row shares with each of 8 cells: of the products of their values, of the row's
 * values, of the cell's values, and of ones, the count. Values are whole numbers from 1 to 32,767, small enough that no
 * sum reaches 2^31.
 *
 * Entries of a row are stored in pairs: a u32 of two 16-bit columns (low half first) and a u32 of two 16-bit values. An
 * odd row ends in a column that no cell uses, with value 0. A panel holds for each gene 8 values of 16 bits, 0 where a
 * cell has none, and 8 flags, 1 or 0.
 */

/** Start of the memory that the caller lays out. */
export function heapBase(): usize {
  return __heap_base;
}

// @ts-ignore: decorator
@inline
function put(panel: usize, column: u32, lane: u32, value: u32): void {
  const at = panel + (<usize>column << 5) + (<usize>lane << 1);
  store<u16>(at, <u16>value);
  store<u16>(at, value == 0 ? 0 : 1, 16);
}

/** Writes `lanes` rows from `first` on into a zeroed panel. */
export function scatter(
  indptr: usize, indices: usize, values: usize, first: u32, lanes: u32, panel: usize,
): void {
  for (let lane: u32 = 0; lane < lanes; lane++) {
    let p = load<u32>(indptr + ((<usize>first + lane) << 2));
    const end = load<u32>(indptr + ((<usize>first + lane) << 2), 4);
    for (; p < end; p++) {
      const index = load<u32>(indices + (<usize>p << 2));
      const value = load<u32>(values + (<usize>p << 2));
      put(panel, index & 0xffff, lane, value & 0xffff);
      put(panel, index >>> 16, lane, value >>> 16);
    }
  }
}

/** Zeroes the entries that `scatter` wrote. */
export function clear(indptr: usize, indices: usize, first: u32, lanes: u32, panel: usize): void {
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

/** Computes 32 sums of 32 bits for each row: 8 of products, 8 of the row's values, 8 of the cells' values, 8 counts. */
export function sums(
  indptr: usize, indices: usize, values: usize, rowStart: u32, rowEnd: u32, panel: usize, out: usize,
): void {
  const zero = i32x4.splat(0);
  const ones = i16x8.splat(1);
  for (let row = rowStart; row < rowEnd; row++) {
    let p0 = zero, p1 = zero, x0 = zero, x1 = zero, y0 = zero, y1 = zero, m0 = zero, m1 = zero;
    let index = indices + (<usize>load<u32>(indptr + (<usize>row << 2)) << 2);
    let value = values + (index - indices);
    const last = indices + (<usize>load<u32>(indptr + (<usize>row << 2), 4) << 2);
    while (index < last) {
      const both = load<u32>(index);
      const g = panel + ((<usize>both & 0xffff) << 5);
      const h = panel + ((<usize>both >>> 16) << 5);
      const x = v128.load32_splat(value);
      const gv = v128.load(g, 0);
      const hv = v128.load(h, 0);
      const gm = v128.load(g, 16);
      const hm = v128.load(h, 16);
      const v0 = v128.shuffle<i16>(gv, hv, 0, 8, 1, 9, 2, 10, 3, 11);
      const v1 = v128.shuffle<i16>(gv, hv, 4, 12, 5, 13, 6, 14, 7, 15);
      const n0 = v128.shuffle<i16>(gm, hm, 0, 8, 1, 9, 2, 10, 3, 11);
      const n1 = v128.shuffle<i16>(gm, hm, 4, 12, 5, 13, 6, 14, 7, 15);
      p0 = i32x4.add(p0, i32x4.dot_i16x8_s(x, v0));
      p1 = i32x4.add(p1, i32x4.dot_i16x8_s(x, v1));
      x0 = i32x4.add(x0, i32x4.dot_i16x8_s(x, n0));
      x1 = i32x4.add(x1, i32x4.dot_i16x8_s(x, n1));
      y0 = i32x4.add(y0, i32x4.dot_i16x8_s(ones, v0));
      y1 = i32x4.add(y1, i32x4.dot_i16x8_s(ones, v1));
      m0 = i32x4.add(m0, i32x4.dot_i16x8_s(ones, n0));
      m1 = i32x4.add(m1, i32x4.dot_i16x8_s(ones, n1));
      index += 4;
      value += 4;
    }
    v128.store(out, p0, 0);
    v128.store(out, p1, 16);
    v128.store(out, x0, 32);
    v128.store(out, x1, 48);
    v128.store(out, y0, 64);
    v128.store(out, y1, 80);
    v128.store(out, m0, 96);
    v128.store(out, m1, 112);
    out += 128;
  }
}
