/**
 * Joint histogram of pairs of values over a grid of hexagons, in AssemblyScript with SIMD: two points at a time, in
 * 64-bit floats. lib/pairwise/hexagons.ts says what the grid is.
 */

let x0: v128 = i32x4.splat(0);
let y0: v128 = i32x4.splat(0);
let perX: v128 = i32x4.splat(0);
let perY: v128 = i32x4.splat(0);
let width: f64 = 0;
let lastCell: i32 = 0;

/** Sets the grid: hexagon (0, 0), hexagons per unit, and cells: `columns` in each of `rows` rows, one of margin around. */
export function setGrid(x: f64, y: f64, hexPerX: f64, hexPerY: f64, columns: u32, rows: u32): void {
  x0 = f64x2.splat(x);
  y0 = f64x2.splat(y);
  perX = f64x2.splat(hexPerX);
  perY = f64x2.splat(hexPerY);
  width = <f64>columns;
  lastCell = columns * rows - 1;
}

/** Adds one point to counts[cell][class]: class 0 if both codes are the same, 1 if not, 2 if it is not to be counted. */
// @ts-ignore: decorator
@inline
function tally(counts: usize, cell: i32, code: i32, rowCode: i32, isNaN: bool): void {
  const at = max(0, min(lastCell, cell));
  const ofCodes = i32(code != rowCode) + i32(code < 0);
  const place = counts + ((<usize>(at * 3 + select<i32>(2, ofCodes, isNaN))) << 2);
  store<u32>(place, load<u32>(place) + 1);
}

/**
 * Counts `n` points (xs[i], ys[i]), f32, of columns with the codes (i32) of their labels; −1 is not counted. Reads one
 * point further if n is odd, whose code must be −1. NaN in x or y is not counted.
 *
 * The nearest centre is sought in the nearest row, and in the next one too if the point is in the third of a row's
 * height where hexagons of both rows reach. Every other row is shifted by half a hexagon.
 */
export function addRow(xs: usize, ys: usize, codes: usize, n: u32, rowCode: i32, counts: usize): void {
  const one = f64x2.splat(1);
  const half = f64x2.splat(0.5);
  const third = f64x2.splat(1.0 / 3.0);
  const threeQuarters = f64x2.splat(0.75);
  const columns = f64x2.splat(width);
  const dx = x0, dy = y0, sx = perX, sy = perY;
  const end = xs + ((<usize>n + 1) >>> 1 << 3);
  for (; xs < end; xs += 8) {
    const x = f64x2.promote_low_f32x4(v128.load64_zero(xs));
    const y = f64x2.promote_low_f32x4(v128.load64_zero(ys));
    const u = f64x2.mul(f64x2.sub(x, dx), sx);
    const v = f64x2.mul(f64x2.sub(y, dy), sy);
    const row = f64x2.floor(f64x2.add(v, half));
    // 0 in even rows, 1/2 in odd ones.
    const shift = f64x2.sub(f64x2.mul(row, half), f64x2.floor(f64x2.mul(row, half)));
    const column = f64x2.floor(f64x2.add(f64x2.sub(u, shift), half));
    const dv = f64x2.sub(v, row);
    const du = f64x2.sub(f64x2.sub(u, column), shift);
    const otherRow = f64x2.add(row, v128.bitselect(one, f64x2.neg(one), f64x2.gt(dv, f64x2.splat(0))));
    const otherShift = f64x2.sub(half, shift);
    const otherColumn = f64x2.floor(f64x2.add(f64x2.sub(u, otherShift), half));
    const otherDv = f64x2.sub(v, otherRow);
    const otherDu = f64x2.sub(f64x2.sub(u, otherColumn), otherShift);
    // Rows are √3/2 of a width apart: squared, 3/4.
    const distance = f64x2.add(f64x2.mul(du, du), f64x2.mul(threeQuarters, f64x2.mul(dv, dv)));
    const otherDistance = f64x2.add(
      f64x2.mul(otherDu, otherDu),
      f64x2.mul(threeQuarters, f64x2.mul(otherDv, otherDv)),
    );
    const other = v128.and(f64x2.gt(f64x2.abs(dv), third), f64x2.gt(distance, otherDistance));
    const r = v128.bitselect(otherRow, row, other);
    const c = v128.bitselect(otherColumn, column, other);
    const cell = i32x4.trunc_sat_f64x2_s_zero(
      f64x2.add(f64x2.mul(f64x2.add(r, one), columns), f64x2.add(c, one)),
    );
    const sum = f64x2.add(x, y);
    const nan = i64x2.bitmask(f64x2.ne(sum, sum));
    tally(counts, i32x4.extract_lane(cell, 0), load<i32>(codes), rowCode, bool(nan & 1));
    tally(counts, i32x4.extract_lane(cell, 1), load<i32>(codes, 4), rowCode, bool(nan & 2));
    ys += 8;
    codes += 8;
  }
}
