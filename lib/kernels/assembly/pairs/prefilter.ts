/**
 * Search for the pairs of cells that can be nearest neighbours, in AssemblyScript with SIMD, from rows of small whole
 * numbers. Several threads run it at once on one shared memory. The algorithm, and why it misses nothing, is described in
 * lib/neighbors/prefilter/search.ts.
 *
 * The approximate distance of rows i and j is a whole number, half of their squared distance up to rounding:
 *
 *   apart(i, j) = half_i + half_j − Σ x·y
 *
 * Each row keeps a list of the rows that are no farther than its limit. A full list is cut back by its k nearest, which
 * lowers the limit to the k-th least + slack. All sums fit 32 bits if every Σ x² is below 2^30.
 *
 * Shapes: starts, twos, ends and steps as in ./steps.ts; halves, limits, slacks, counts, locks i32[rows];
 * lists (i32 apart, i32 other)[rows × capacity].
 */
import { EIGHT, firstFour, lastFour, sumOfFour, TWO, word } from './steps';

/** Limit of a row whose list overflowed with rows within its limit: below every possible distance. */
const GIVEN_UP: i32 = -(1 << 30);

let starts: usize = 0;
let twos: usize = 0;
let ends: usize = 0;
let steps: usize = 0;
let halves: usize = 0;
let limits: usize = 0;
let slacks: usize = 0;
let counts: usize = 0;
let locks: usize = 0;
let lists: usize = 0;
let capacity: u32 = 0;
let k: u32 = 0;

export function setRows(starts_: usize, twos_: usize, ends_: usize, steps_: usize, halves_: usize): void {
  starts = starts_;
  twos = twos_;
  ends = ends_;
  steps = steps_;
  halves = halves_;
}

/** Sets the lists. `capacity_`: a multiple of 4, above `k_`; `k_`: number of neighbours, at least 1. */
export function setLists(
  limits_: usize, slacks_: usize, counts_: usize, locks_: usize, lists_: usize, capacity_: u32, k_: u32,
): void {
  limits = limits_;
  slacks = slacks_;
  counts = counts_;
  locks = locks_;
  lists = lists_;
  capacity = capacity_;
  k = k_;
}

/** Sets all bits of lanes whose distance is above both the row's and the column's limit; `sums` are Σ x·y − half_j. */
// @ts-ignore: decorator
@inline
function isTooFar(sums: v128, half: v128, limit: v128, columnLimits: usize): v128 {
  return i32x4.gt_s(i32x4.sub(half, i32x4.max_s(limit, v128.load(columnLimits))), sums);
}

/** Narrows masks from 16 × 32 bits to 16 × 8 bits. */
// @ts-ignore: decorator
@inline
function narrow(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
}

/**
 * Compares rows `rowStart` … `rowEnd − 1` with the later rows of the panel `first` … `first + lanes − 1`, and adds near
 * pairs to the lists. `negated`: −half of the panel's rows, i32[32], with a value below all others in unused lanes;
 * `sums`: scratch, i32[32].
 */
export function meetPanel(
  rowStart: u32, rowEnd: u32, first: u32, lanes: u32, panel: usize, negated: usize, sums: usize,
): void {
  const columnLimits = limits + (<usize>first << 2);
  for (let row = rowStart; row < rowEnd; row++) {
    let at = steps + (<usize>word(starts, row) << 2);
    const lastOfEight = steps + (<usize>word(twos, row) << 2);
    const last = steps + (<usize>word(ends, row) << 2);
    let a0 = v128.load(negated, 0);
    let a1 = v128.load(negated, 16);
    let a2 = v128.load(negated, 32);
    let a3 = v128.load(negated, 48);
    let a4 = v128.load(negated, 64);
    let a5 = v128.load(negated, 80);
    let a6 = v128.load(negated, 96);
    let a7 = v128.load(negated, 112);
    for (; at < lastOfEight; at += EIGHT) {
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
    for (; at < last; at += TWO) {
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
    const half = <i32>word(halves, row);
    const ofRow = i32x4.splat(half);
    const limit = v128.load32_splat(limits + (<usize>row << 2));
    const far0 = isTooFar(a0, ofRow, limit, columnLimits), far1 = isTooFar(a1, ofRow, limit, columnLimits + 16);
    const far2 = isTooFar(a2, ofRow, limit, columnLimits + 32), far3 = isTooFar(a3, ofRow, limit, columnLimits + 48);
    const far4 = isTooFar(a4, ofRow, limit, columnLimits + 64), far5 = isTooFar(a5, ofRow, limit, columnLimits + 80);
    const far6 = isTooFar(a6, ofRow, limit, columnLimits + 96), far7 = isTooFar(a7, ofRow, limit, columnLimits + 112);
    const farFirst = narrow(far0, far1, far2, far3), farLast = narrow(far4, far5, far6, far7);
    if (i8x16.all_true(v128.and(farFirst, farLast))) continue;
    v128.store(sums, a0, 0);
    v128.store(sums, a1, 16);
    v128.store(sums, a2, 32);
    v128.store(sums, a3, 48);
    v128.store(sums, a4, 64);
    v128.store(sums, a5, 80);
    v128.store(sums, a6, 96);
    v128.store(sums, a7, 112);
    let near: u32 = ~(i8x16.bitmask(farFirst) | (i8x16.bitmask(farLast) << 16));
    // A panel that contains the row: only the rows after it.
    if (row >= first) near &= <u32>-2 << (row - first);
    for (; near != 0; near &= near - 1) {
      const lane = ctz(near);
      const apart = half - <i32>word(sums, lane);
      const other = first + lane;
      if (apart <= <i32>word(limits, row)) add(row, other, apart);
      if (apart <= <i32>word(limits, other)) add(other, row, apart);
    }
  }
}

/** Adds `other` to the list of `row`, under a lock, since other threads may add to the same list. */
function add(row: u32, other: u32, apart: i32): void {
  const lock = locks + (<usize>row << 2);
  while (atomic.cmpxchg<i32>(lock, 0, 1) != 0) {}
  let count = word(counts, row);
  if (count == capacity) count = cutBack(row);
  if (count < capacity && apart <= <i32>word(limits, row)) {
    const at = lists + ((<usize>row * capacity + count) << 3);
    store<i32>(at, apart);
    store<u32>(at, other, 4);
    store<u32>(counts + (<usize>row << 2), count + 1);
  } else store<u32>(counts + (<usize>row << 2), count);
  atomic.store<i32>(lock, 0);
}

/** Counts the entries of a list at a distance of at most `limit`. */
// @ts-ignore: decorator
@inline
function within(list: usize, end: usize, limit: i32): u32 {
  let count: u32 = 0;
  for (let at = list; at < end; at += 8) count += <u32>(load<i32>(at) <= limit);
  return count;
}

/**
 * Lowers the limit of a row according to the k nearest in its list, and drops the entries beyond it.
 *
 * @returns the number of remaining entries; if a full list stays full, the row is given up: nothing is within its limit
 */
export function cutBack(row: u32): u32 {
  const list = lists + ((<usize>row * capacity) << 3);
  const count = word(counts, row);
  const end = list + (<usize>count << 3);
  if (count < k || <i32>word(limits, row) == GIVEN_UP) return count;
  // The k-th least distance, by bisection of its range.
  let low = load<i32>(list);
  let high = low;
  for (let at = list + 8; at < end; at += 8) {
    const apart = load<i32>(at);
    low = min(low, apart);
    high = max(high, apart);
  }
  while (low < high) {
    const middle = low + <i32>(<u32>(high - low) >>> 1);
    if (within(list, end, middle) >= k) high = middle;
    else low = middle + 1;
  }
  const limit = min(<i32>word(limits, row), low + <i32>word(slacks, row));
  let kept = list;
  for (let at = list; at < end; at += 8) {
    if (load<i32>(at) > limit) continue;
    store<u64>(kept, load<u64>(at));
    kept += 8;
  }
  const left = <u32>((kept - list) >>> 3);
  store<i32>(limits + (<usize>row << 2), left == capacity ? GIVEN_UP : limit);
  return left;
}
