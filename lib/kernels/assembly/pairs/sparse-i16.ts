/**
 * Exact dot products of sparse rows of whole numbers from 0 to 2^15 − 1, such as doubled shifted ranks, with panels of 32
 * cells. Rows are lists of steps: see ./steps.ts.
 */
import { finish } from './finish';
import { EIGHT, firstFour, lastFour, sumOfFour, TWO, word } from './steps';

/** Initial value of sums, so that unsigned 32-bit sums fit into signed numbers; `TAKEN_BACK` undoes the shift. */
const LEAST = memory.data<i32>([i32.MIN_VALUE, i32.MIN_VALUE, i32.MIN_VALUE, i32.MIN_VALUE], 16);
const TAKEN_BACK = memory.data<f64>([2147483648, 2147483648], 16);

/** Stores four sums as 64-bit floats to four dots, or adds them; below 2^53 this is exact. */
// @ts-ignore: decorator
@inline
function flush(dots: usize, sums: v128, isFirst: bool): void {
  const back = v128.load(TAKEN_BACK);
  let low = f64x2.add(f64x2.convert_low_i32x4_s(sums), back);
  let high = f64x2.add(f64x2.convert_low_i32x4_s(v128.shuffle<i32>(sums, sums, 2, 3, 2, 3)), back);
  if (!isFirst) {
    low = f64x2.add(low, v128.load(dots));
    high = f64x2.add(high, v128.load(dots, 16));
  }
  v128.store(dots, low);
  v128.store(dots, high, 16);
}

/** Flushes eight times four sums. */
// @ts-ignore: decorator
@inline
function flushAll(
  dots: usize, a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, a5: v128, a6: v128, a7: v128, isFirst: bool,
): void {
  flush(dots, a0, isFirst);
  flush(dots + 32, a1, isFirst);
  flush(dots + 64, a2, isFirst);
  flush(dots + 96, a3, isFirst);
  flush(dots + 128, a4, isFirst);
  flush(dots + 160, a5, isFirst);
  flush(dots + 192, a6, isFirst);
  flush(dots + 224, a7, isFirst);
}

/**
 * Computes sparse rows of steps against a panel. `safe`: number of products of two entries that fit an unsigned 32-bit sum,
 * at least 2, and at least 8 if there are steps of eight columns.
 */
export function sparseI16(
  starts: usize, twos: usize, ends: usize, steps: usize, rowStart: u32, rowEnd: u32, panel: usize, dots: usize, safe: u32,
  measure: i32, c: f64, rowS: usize, rowW: usize, colS: usize, colW: usize, out: usize, stride: usize,
): void {
  for (let row = rowStart; row < rowEnd; row++) {
    const start = word(starts, row), middle = word(twos, row), end = word(ends, row);
    let at = steps + (<usize>start << 2);
    let eights = (middle - start) / (<u32>EIGHT >>> 2);
    let pairs = (end - middle) / (<u32>TWO >>> 2);
    let isFirst = true;
    do {
      let a0 = v128.load(LEAST);
      let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
      let room = safe;
      const someEights = min(eights, room >>> 3);
      eights -= someEights;
      room -= someEights << 3;
      for (const stop = at + <usize>someEights * EIGHT; at < stop; at += EIGHT) {
        const x = v128.load32_splat(at);
        const c0 = panel + load<u32>(at, 4);
        const c1 = panel + load<u32>(at, 8);
        const c2 = panel + load<u32>(at, 12);
        const c3 = panel + load<u32>(at, 16);
        const c4 = panel + load<u32>(at, 20);
        const c5 = panel + load<u32>(at, 24);
        const c6 = panel + load<u32>(at, 28);
        const c7 = panel + load<u32>(at, 32);
        const s0 = sumOfFour(c0, c1, c2, c3, 0), t0 = sumOfFour(c4, c5, c6, c7, 0);
        a0 = i32x4.add(a0, firstFour(x, s0, t0));
        a1 = i32x4.add(a1, lastFour(x, s0, t0));
        const s1 = sumOfFour(c0, c1, c2, c3, 1), t1 = sumOfFour(c4, c5, c6, c7, 1);
        a2 = i32x4.add(a2, firstFour(x, s1, t1));
        a3 = i32x4.add(a3, lastFour(x, s1, t1));
        const s2 = sumOfFour(c0, c1, c2, c3, 2), t2 = sumOfFour(c4, c5, c6, c7, 2);
        a4 = i32x4.add(a4, firstFour(x, s2, t2));
        a5 = i32x4.add(a5, lastFour(x, s2, t2));
        const s3 = sumOfFour(c0, c1, c2, c3, 3), t3 = sumOfFour(c4, c5, c6, c7, 3);
        a6 = i32x4.add(a6, firstFour(x, s3, t3));
        a7 = i32x4.add(a7, lastFour(x, s3, t3));
      }
      if (eights == 0) {
        const somePairs = min(pairs, room >>> 1);
        pairs -= somePairs;
        for (const stop = at + <usize>somePairs * TWO; at < stop; at += TWO) {
          const x = v128.load32_splat(at);
          const g = panel + load<u32>(at, 4);
          const h = panel + load<u32>(at, 8);
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
        }
      }
      if (isFirst) flushAll(dots, a0, a1, a2, a3, a4, a5, a6, a7, true);
      else flushAll(dots, a0, a1, a2, a3, a4, a5, a6, a7, false);
      isFirst = false;
    } while ((eights | pairs) != 0);
    const scalar = <usize>row << 3;
    finish(dots, 32, measure, c, load<f64>(rowS + scalar), load<f64>(rowW + scalar), colS, colW, out);
    out += stride;
  }
}
