/**
 * Joint histogram of pairs of values over a grid of hexagons, in AssemblyScript with SIMD. lib/pairwise/hexagons.ts
 * says what the grid is. Points are placed four at a time in 32-bit floats; where one of them lies so close to an edge
 * that rounding could put it on the other side, again in 64-bit floats, two at a time. So all are where 64-bit
 * floats put them.
 */

let x0: f64 = 0;
let y0: f64 = 0;
let perX: f64 = 0;
let perY: f64 = 0;
let width: f64 = 0;
let lastCell: i32 = 0;
/** Points further inside of their hexagon than this, in widths of it from the centre, are certain; none if it is below 0. */
let certain: f32 = -1;

/** Sets the grid: hexagon (0, 0), hexagons per unit, and cells: `columns` in each of `rows` rows, one of margin around. */
export function setGrid(x: f64, y: f64, hexPerX: f64, hexPerY: f64, columns: u32, rows: u32): void {
  x0 = x;
  y0 = y;
  perX = hexPerX;
  perY = hexPerY;
  width = <f64>columns;
  lastCell = columns * rows - 1;
  // Three roundings of 2^-24 for a place between 0 and columns, or rows; this allows for more than twice of that.
  const error = <f64>(columns + rows) / 2097152;
  const exact = <f64>(<f32>x) == x && <f64>(<f32>y) == y && columns * rows < 1 << 22;
  certain = exact && error < 0.25 ? <f32>(0.5 - error) : -1;
}

/** Adds one point at counts[cell][class][lane]; a lane has counts of its own, so that none waits for the one before. */
// @ts-ignore: decorator
@inline
function tally(counts: usize, place: i32, lane: usize): void {
  const at = counts + (<usize><u32>place << 4) + (lane << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Class 0 if both codes are the same, 1 if not, 2 if the point is not to be counted. */
// @ts-ignore: decorator
@inline
function placeOf(cell: i32, code: i32, rowCode: i32, isNaN: bool): i32 {
  const ofCodes = i32(code != rowCode) + i32(code < 0);
  return max(0, min(lastCell, cell)) * 3 + select<i32>(2, ofCodes, isNaN);
}

/**
 * Two points in 64-bit floats. The nearest centre is sought in the nearest row, and in the next one too if the point is
 * in the third of a row's height where hexagons of both rows reach. Every other row is shifted by half a hexagon.
 */
function addTwo(xs: usize, ys: usize, codes: usize, rowCode: i32, counts: usize): void {
  const one = f64x2.splat(1);
  const half = f64x2.splat(0.5);
  const threeQuarters = f64x2.splat(0.75);
  const x = f64x2.promote_low_f32x4(v128.load64_zero(xs));
  const y = f64x2.promote_low_f32x4(v128.load64_zero(ys));
  const u = f64x2.mul(f64x2.sub(x, f64x2.splat(x0)), f64x2.splat(perX));
  const v = f64x2.mul(f64x2.sub(y, f64x2.splat(y0)), f64x2.splat(perY));
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
  const third = f64x2.splat(1.0 / 3.0);
  const other = v128.and(f64x2.gt(f64x2.abs(dv), third), f64x2.gt(distance, otherDistance));
  const r = v128.bitselect(otherRow, row, other);
  const c = v128.bitselect(otherColumn, column, other);
  const cell = i32x4.trunc_sat_f64x2_s_zero(
    f64x2.add(f64x2.mul(f64x2.add(r, one), f64x2.splat(width)), f64x2.add(c, one)),
  );
  const sum = f64x2.add(x, y);
  const nan = i64x2.bitmask(f64x2.ne(sum, sum));
  tally(counts, placeOf(i32x4.extract_lane(cell, 0), load<i32>(codes), rowCode, bool(nan & 1)), 0);
  tally(counts, placeOf(i32x4.extract_lane(cell, 1), load<i32>(codes, 4), rowCode, bool(nan & 2)), 1);
}

/**
 * Counts `n` points (xs[i], ys[i]), f32, of columns with the codes (i32) of their labels; −1 is not counted. Reads up to
 * three points further, whose codes must be −1. NaN in x or y is not counted.
 *
 * The centres are two lattices of rectangles, of the even and of the odd rows; of the nearest of each the nearer one is
 * taken. A point is inside of a hexagon if max(|du|, |du|/2 + 3/4 |dv|) is below 1/2.
 */
export function addRow(xs: usize, ys: usize, codes: usize, n: u32, rowCode: i32, counts: usize): void {
  const half = f32x4.splat(0.5);
  const one = f32x4.splat(1);
  const two = f32x4.splat(2);
  const threeQuarters = f32x4.splat(0.75);
  const dx = f32x4.splat(<f32>x0), dy = f32x4.splat(<f32>y0);
  const sx = f32x4.splat(<f32>perX), sy = f32x4.splat(<f32>perY);
  const columns = f32x4.splat(<f32>width);
  const inside = f32x4.splat(certain);
  const own = i32x4.splat(rowCode);
  const zero = i32x4.splat(0);
  const last = i32x4.splat(lastCell);
  const end = xs + ((<usize>n + 3) >>> 2 << 4);
  for (; xs < end; xs += 16) {
    const u = f32x4.mul(f32x4.sub(v128.load(xs), dx), sx);
    const v = f32x4.mul(f32x4.sub(v128.load(ys), dy), sy);
    const h = f32x4.mul(v, half);
    const evenRow = f32x4.mul(f32x4.nearest(h), two);
    const evenColumn = f32x4.nearest(u);
    const evenDu = f32x4.sub(u, evenColumn);
    const evenDv = f32x4.sub(v, evenRow);
    const oddRow = f32x4.add(f32x4.mul(f32x4.floor(h), two), one);
    const oddColumn = f32x4.floor(u);
    const oddDu = f32x4.sub(f32x4.sub(u, oddColumn), half);
    const oddDv = f32x4.sub(v, oddRow);
    const odd = f32x4.lt(
      f32x4.add(f32x4.mul(oddDu, oddDu), f32x4.mul(threeQuarters, f32x4.mul(oddDv, oddDv))),
      f32x4.add(f32x4.mul(evenDu, evenDu), f32x4.mul(threeQuarters, f32x4.mul(evenDv, evenDv))),
    );
    const du = f32x4.abs(v128.bitselect(oddDu, evenDu, odd));
    const dv = f32x4.abs(v128.bitselect(oddDv, evenDv, odd));
    const slanted = f32x4.add(f32x4.mul(du, half), f32x4.mul(dv, threeQuarters));
    // False for NaN too, which 64-bit floats then deal with.
    const sure = v128.and(f32x4.lt(du, inside), f32x4.lt(slanted, inside));
    if (i32x4.all_true(sure)) {
      const r = f32x4.add(v128.bitselect(oddRow, evenRow, odd), one);
      const c = f32x4.add(v128.bitselect(oddColumn, evenColumn, odd), one);
      // Cut to cells that there are: points beyond the last one may be anything.
      const found = i32x4.trunc_sat_f32x4_s(f32x4.add(f32x4.mul(r, columns), c));
      const cell = i32x4.max_s(zero, i32x4.min_s(last, found));
      const code = v128.load(codes);
      const classes = i32x4.add(i32x4.ne(code, own), i32x4.lt_s(code, zero));
      const place = i32x4.sub(i32x4.add(cell, i32x4.shl(cell, 1)), classes);
      tally(counts, i32x4.extract_lane(place, 0), 0);
      tally(counts, i32x4.extract_lane(place, 1), 1);
      tally(counts, i32x4.extract_lane(place, 2), 2);
      tally(counts, i32x4.extract_lane(place, 3), 3);
    } else {
      addTwo(xs, ys, codes, rowCode, counts);
      addTwo(xs + 8, ys + 8, codes + 8, rowCode, counts);
    }
    ys += 16;
    codes += 16;
  }
}
