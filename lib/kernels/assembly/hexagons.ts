//! asc --importMemory --sharedMemory --maximumMemory 65536 --enable threads
/**
 * Joint histogram of pairs of values over a grid of hexagons, in AssemblyScript with SIMD. The grid is described in
 * lib/pairwise/joint/hexagons.ts. Points are placed eight at a time in 32-bit floats. If one of them is so close to an edge
 * that rounding could move it across, they are placed again in 64-bit floats, two at a time. So all points are in the
 * hexagons that 64-bit floats give.
 *
 * Counts are stored in rows r, from −1 on, and within a row by q + r, from −1 on, which avoids the shift of every other
 * row. A hexagon has counts of three classes, and each of four lanes has its own counts, so that increments do not wait
 * for each other.
 */

let x0: f64 = 0;
let y0: f64 = 0;
let perX: f64 = 0;
let perY: f64 = 0;
let width: u32 = 0;
let lastCell: i32 = 0;
let counts: usize = 0;
/** Bound of certain points: those whose distance from the middle between edges is below it; no point if it is negative. */
let certain: f32 = -1;

/** 2^19: if a whole number below 2^19 is added, the low bits of the sum are 16 times this number. */
const WHOLE: f32 = 524288;

/**
 * Sets the grid: centre of hexagon (0, 0), hexagons per unit, and cells, `columns` in each of `rows` rows, including a
 * margin of one; and the address of the counts, rows × (columns + ⌈rows / 2⌉) × 3 × 4 u32.
 */
export function setGrid(
  x: f64, y: f64, hexPerX: f64, hexPerY: f64, columns: u32, rows: u32, at: usize,
): void {
  x0 = x;
  y0 = y;
  perX = hexPerX;
  perY = hexPerY;
  width = columns + ((rows + 1) >>> 1);
  lastCell = width * rows - 1;
  counts = at;
  // A place, between 0 and columns or 3/2 rows, has at most eight roundings of 2^-24; this bound allows for more.
  const error = <f64>(columns + 2 * rows) / 1048576;
  const exact = <f64>(<f32>x) == x && <f64>(<f32>y) == y && width * rows * 3 < 1 << 19;
  certain = exact && error < 0.25 ? <f32>(0.5 - error) : -1;
}

// @ts-ignore: decorator
@inline
function tally(at: usize): void {
  store<u32>(at, load<u32>(at) + 1);
}

/** Address of the count of one point: class 0 if both codes are the same, 1 if not, 2 if it is not to be counted. */
// @ts-ignore: decorator
@inline
function placeOf(cell: i32, code: i32, rowCode: i32, isNaN: bool): usize {
  const ofCodes = i32(code != rowCode) + i32(code < 0);
  const place = max(0, min(lastCell, cell)) * 3 + select<i32>(2, ofCodes, isNaN);
  return counts + (<usize><u32>place << 4);
}

/**
 * Counts two points in 64-bit floats. The nearest centre is searched in the nearest row, and also in the next one if the
 * point is in the third of a row's height that hexagons of both rows reach. Every other row is shifted by half a hexagon.
 */
function addTwo(xs: v128, ys: v128, firstCode: i32, secondCode: i32, rowCode: i32): void {
  const one = f64x2.splat(1);
  const half = f64x2.splat(0.5);
  const threeQuarters = f64x2.splat(0.75);
  const x = f64x2.promote_low_f32x4(xs);
  const y = f64x2.promote_low_f32x4(ys);
  const u = f64x2.mul(f64x2.sub(x, f64x2.splat(x0)), f64x2.splat(perX));
  const v = f64x2.mul(f64x2.sub(y, f64x2.splat(y0)), f64x2.splat(perY));
  const row = f64x2.floor(f64x2.add(v, half));
  // Shift of the row: 0 in even rows, 1/2 in odd ones.
  const shift = f64x2.sub(f64x2.mul(row, half), f64x2.floor(f64x2.mul(row, half)));
  const column = f64x2.floor(f64x2.add(f64x2.sub(u, shift), half));
  const dv = f64x2.sub(v, row);
  const du = f64x2.sub(f64x2.sub(u, column), shift);
  const otherRow = f64x2.add(row, v128.bitselect(one, f64x2.neg(one), f64x2.gt(dv, f64x2.splat(0))));
  const otherShift = f64x2.sub(half, shift);
  const otherColumn = f64x2.floor(f64x2.add(f64x2.sub(u, otherShift), half));
  const otherDv = f64x2.sub(v, otherRow);
  const otherDu = f64x2.sub(f64x2.sub(u, otherColumn), otherShift);
  // The distance between rows is √3/2 of a width, squared 3/4.
  const distance = f64x2.add(f64x2.mul(du, du), f64x2.mul(threeQuarters, f64x2.mul(dv, dv)));
  const otherDistance = f64x2.add(
    f64x2.mul(otherDu, otherDu),
    f64x2.mul(threeQuarters, f64x2.mul(otherDv, otherDv)),
  );
  const third = f64x2.splat(1.0 / 3.0);
  const other = v128.and(f64x2.gt(f64x2.abs(dv), third), f64x2.gt(distance, otherDistance));
  const r = v128.bitselect(otherRow, row, other);
  const c = v128.bitselect(otherColumn, column, other);
  // q + r, the number of the hexagon in its slanted row.
  const slanted = f64x2.add(c, f64x2.ceil(f64x2.mul(r, half)));
  const cell = i32x4.trunc_sat_f64x2_s_zero(
    f64x2.add(f64x2.mul(f64x2.add(r, one), f64x2.splat(<f64>width)), f64x2.add(slanted, one)),
  );
  const sum = f64x2.add(x, y);
  const nan = i64x2.bitmask(f64x2.ne(sum, sum));
  tally(placeOf(i32x4.extract_lane(cell, 0), firstCode, rowCode, bool(nan & 1)));
  tally(placeOf(i32x4.extract_lane(cell, 1), secondCode, rowCode, bool(nan & 2)));
}


/** Computes, for four points, the largest distance from the middle between edges over three directions. */
// @ts-ignore: decorator
@inline
function offMiddle(b: v128, c: v128, a: v128, half: v128): v128 {
  // b is NaN if any of the three is, and pmax keeps NaN in its first operand.
  const db = f32x4.abs(f32x4.sub(f32x4.sub(b, f32x4.floor(b)), half));
  const dc = f32x4.abs(f32x4.sub(f32x4.sub(c, f32x4.floor(c)), half));
  const da = f32x4.abs(f32x4.sub(f32x4.sub(a, f32x4.floor(a)), half));
  return f32x4.pmax(f32x4.pmax(db, dc), da);
}

/** Computes the addresses of the counts of four points. */
// @ts-ignore: decorator
@inline
function addresses(
  b: v128, c: v128, a: v128, third: v128, half: v128, width4: v128, last: v128, three: v128, whole: v128,
  margin: v128, codes: v128, own: v128, sixteen: v128, first: v128,
): v128 {
  const fb = f32x4.floor(b);
  // Sums of two floors are 3n, 3n + 1 or 3n + 2; adding a half keeps a third of them away from whole numbers.
  const fbHalf = f32x4.add(fb, half);
  const q = f32x4.add(f32x4.floor(f32x4.mul(f32x4.add(fbHalf, f32x4.floor(a)), third)), margin);
  const r = f32x4.floor(f32x4.mul(f32x4.add(fbHalf, f32x4.floor(c)), third));
  const cell = f32x4.pmin(last, f32x4.pmax(f32x4.splat(0), f32x4.add(f32x4.mul(r, width4), q)));
  const bits = i32x4.add(f32x4.add(f32x4.mul(cell, three), whole), first);
  // Class 1, minus one if the codes are the same, plus one if the column has no code.
  const same = v128.and(i32x4.eq(codes, own), sixteen);
  const none = v128.and(i32x4.shr_s(codes, 31), sixteen);
  return i32x4.add(i32x4.sub(bits, same), none);
}

// @ts-ignore: decorator
@inline
function tallyFour(at: v128): void {
  const low = i64x2.extract_lane(at, 0);
  const high = i64x2.extract_lane(at, 1);
  tally(<usize>low);
  tally(<usize>(low >>> 32) + 4);
  tally(<usize>high + 8);
  tally(<usize>(high >>> 32) + 12);
}

/**
 * Counts the points (x, y), f32, of a tile: `rows` rows of `columns`, `xStride` and `yStride` bytes apart, where row i is
 * counted from column max(0, skip + i) on. Points with NaN in x or y are not counted, nor rows and columns with code −1.
 * Strides are multiples of 32 bytes, and hold all columns rounded up to a multiple of eight.
 *
 * For a point at u columns and v rows from hexagon (0, 0), a = 2u, b = u + 3/2 v and c = 3/2 v − u are whole numbers
 * on the lines from centres to corners: (⌊a⌋ + ⌊b⌋ + 2) / 3 and (⌊b⌋ + ⌊c⌋ + 2) / 3, rounded down, are q + r and r
 * (after Charles Chambers, "Hexagonal coordinate systems", 2001).
 *
 * @param rowCodes label codes (i32) of the rows
 * @param codes label codes (i32) of the columns, followed by up to seven −1
 * @param numbers 1/2, 1/3, 3, 3/2, 1, 2^19 (f32), in memory since V8 builds literals anew wherever they are used
 */
export function addTile(
  xs: usize, xStride: usize, ys: usize, yStride: usize, rowCodes: usize, codes: usize,
  rows: i32, columns: i32, skip: i32, numbers: usize,
): void {
  const half = v128.load32_splat(numbers, 0);
  const third = v128.load32_splat(numbers, 4);
  const three = v128.load32_splat(numbers, 8);
  const threeHalves = v128.load32_splat(numbers, 12);
  const one = v128.load32_splat(numbers, 16);
  const whole = v128.load32_splat(numbers, 20);
  const dx = f32x4.splat(<f32>x0), dy = f32x4.splat(<f32>y0);
  const sx = f32x4.splat(<f32>perX), sy = f32x4.splat(<f32>perY);
  const width4 = f32x4.splat(<f32>width);
  const last = f32x4.splat(<f32>lastCell);
  const middle = f32x4.splat(certain);
  const sixteen = i32x4.splat(16);
  // Margin of one row and one column.
  const margin = f32x4.splat(<f32>(width + 1));
  // Address of class 1, minus the bits of WHOLE.
  const first = i32x4.splat(<i32>counts + 16 - reinterpret<i32>(WHOLE));
  for (let row = 0; row < rows; row++) {
    const rowCode = load<i32>(rowCodes + (<usize>row << 2));
    let column = max(0, skip + row);
    if (rowCode >= 0 && column < columns) {
      // Columns before a multiple of eight are counted one by one, so that no row is read beyond its stride.
      for (; (column & 7) != 0 && column < columns; column++) {
        const at = <usize>column << 2;
        addTwo(v128.load32_splat(xs + at), v128.load32_splat(ys + at), load<i32>(codes + at), -1, rowCode);
      }
      const own = i32x4.splat(rowCode);
      const end = <usize>columns << 2;
      for (let at = <usize>column << 2; at < end; at += 32) {
        const u = f32x4.mul(f32x4.sub(v128.load(xs + at), dx), sx);
        const w = f32x4.mul(f32x4.sub(v128.load(xs + at, 16), dx), sx);
        const v = f32x4.add(f32x4.mul(f32x4.mul(f32x4.sub(v128.load(ys + at), dy), sy), threeHalves), one);
        const z = f32x4.add(f32x4.mul(f32x4.mul(f32x4.sub(v128.load(ys + at, 16), dy), sy), threeHalves), one);
        const b = f32x4.add(v, u), c = f32x4.sub(v, u), a = f32x4.add(f32x4.add(u, u), one);
        const e = f32x4.add(z, w), f = f32x4.sub(z, w), d = f32x4.add(f32x4.add(w, w), one);
        const off = offMiddle(b, c, a, half);
        const off2 = offMiddle(e, f, d, half);
        if (i32x4.bitmask(v128.and(f32x4.lt(off, middle), f32x4.lt(off2, middle))) == 15) {
          tallyFour(
            addresses(b, c, a, third, half, width4, last, three, whole, margin, v128.load(codes + at), own, sixteen, first),
          );
          tallyFour(
            addresses(e, f, d, third, half, width4, last, three, whole, margin, v128.load(codes + at, 16), own, sixteen, first),
          );
        } else {
          for (let k = at; k < at + 32; k += 8) {
            const code = load<i32>(codes + k), nextCode = load<i32>(codes + k, 4);
            addTwo(v128.load64_zero(xs + k), v128.load64_zero(ys + k), code, nextCode, rowCode);
          }
        }
      }
    }
    xs += xStride;
    ys += yStride;
  }
}
