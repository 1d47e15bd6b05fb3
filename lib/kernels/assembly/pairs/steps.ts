/**
 * Rows of whole numbers as lists of steps, of eight columns and of two, and panels of 32 rows: see ../../steps.ts. A panel
 * holds 16-bit values column by column, where a column is a cache line. starts, twos and ends count words.
 */

// @ts-ignore: decorator
@inline
export function word(at: usize, index: u32): u32 {
  return load<u32>(at + (<usize>index << 2));
}

/** Bytes of a step of eight columns, and of two. */
export const EIGHT: usize = 36;
export const TWO: usize = 12;

/** Writes rows `first` … `first + lanes − 1` into a zeroed panel. */
export function fillPanel(
  starts: usize, twos: usize, ends: usize, steps: usize, first: u32, lanes: u32, panel: usize,
): void {
  for (let lane: u32 = 0; lane < lanes; lane++) {
    const to = panel + (lane << 1);
    let at = steps + (<usize>word(starts, first + lane) << 2);
    for (const end = steps + (<usize>word(twos, first + lane) << 2); at < end; at += EIGHT) {
      const low = load<u16>(at);
      const high = load<u16>(at, 2);
      for (let k: usize = 4; k < 20; k += 4) {
        store<u16>(to + load<u32>(at + k), low);
        store<u16>(to + load<u32>(at + k, 16), high);
      }
    }
    for (const end = steps + (<usize>word(ends, first + lane) << 2); at < end; at += TWO) {
      store<u16>(to + load<u32>(at, 4), load<u16>(at));
      store<u16>(to + load<u32>(at, 8), load<u16>(at, 2));
    }
  }
}

// @ts-ignore: decorator
@inline
function zeroLine(at: usize): void {
  const zero = i32x4.splat(0);
  v128.store(at, zero, 0);
  v128.store(at, zero, 16);
  v128.store(at, zero, 32);
  v128.store(at, zero, 48);
}

/** Zeroes the lines that `fillPanel` wrote, or the whole panel of `columns` columns if that is less work. */
export function clearPanel(
  starts: usize, twos: usize, ends: usize, steps: usize, first: u32, lanes: u32, panel: usize, columns: u32,
): void {
  if (word(ends, first + lanes - 1) - word(starts, first) > columns) {
    memory.fill(panel, 0, <usize>columns << 6);
    return;
  }
  for (let row = first; row < first + lanes; row++) {
    let at = steps + (<usize>word(starts, row) << 2);
    for (const end = steps + (<usize>word(twos, row) << 2); at < end; at += EIGHT) {
      for (let k: usize = 4; k < EIGHT; k += 4) zeroLine(panel + load<u32>(at + k));
    }
    for (const end = steps + (<usize>word(ends, row) << 2); at < end; at += TWO) {
      zeroLine(panel + load<u32>(at, 4));
      zeroLine(panel + load<u32>(at, 8));
    }
  }
}

/** Sums four columns, over eight rows: the `eight`-th eight of the panel. An offset must be a literal to cost nothing. */
// @ts-ignore: decorator
@inline
export function sumOfFour(a: usize, b: usize, c: usize, d: usize, eight: i32): v128 {
  if (eight == 0) return i16x8.add(sumAt0(a, b), sumAt0(c, d));
  if (eight == 1) return i16x8.add(sumAt1(a, b), sumAt1(c, d));
  if (eight == 2) return i16x8.add(sumAt2(a, b), sumAt2(c, d));
  return i16x8.add(sumAt3(a, b), sumAt3(c, d));
}
// @ts-ignore: decorator
@inline
function sumAt0(a: usize, b: usize): v128 {
  return i16x8.add(v128.load(a, 0), v128.load(b, 0));
}
// @ts-ignore: decorator
@inline
function sumAt1(a: usize, b: usize): v128 {
  return i16x8.add(v128.load(a, 16), v128.load(b, 16));
}
// @ts-ignore: decorator
@inline
function sumAt2(a: usize, b: usize): v128 {
  return i16x8.add(v128.load(a, 32), v128.load(b, 32));
}
// @ts-ignore: decorator
@inline
function sumAt3(a: usize, b: usize): v128 {
  return i16x8.add(v128.load(a, 48), v128.load(b, 48));
}

/** Sums of the products of two entries with the first, or last, four of eight rows. */
// @ts-ignore: decorator
@inline
export function firstFour(x: v128, g: v128, h: v128): v128 {
  return i32x4.dot_i16x8_s(x, v128.shuffle<i16>(g, h, 0, 8, 1, 9, 2, 10, 3, 11));
}
// @ts-ignore: decorator
@inline
export function lastFour(x: v128, g: v128, h: v128): v128 {
  return i32x4.dot_i16x8_s(x, v128.shuffle<i16>(g, h, 4, 12, 5, 13, 6, 14, 7, 15));
}

