//! asc --importMemory --sharedMemory --maximumMemory 65536 --enable threads
/**
 * Histograms of 32-bit floats over a grid of equal bins, and selection of values by bin, in AssemblyScript with SIMD.
 * Counting takes about 0.5 ns per value while the bins that occur (four bytes each) stay in a core's own cache.
 *
 * Values are read in place: `rows` rows of `columns` numbers, `stride` bytes apart. With `upper` 1, each row begins one
 * number later than the previous row and has one less: the part above the diagonal of a tile.
 *
 * A value's bin is trunc((v − lo) · scale) in 32-bit floats, clamped to 0 … last. None of these steps changes the order
 * of two values, so bins ascend with values whatever the rounding. NaN is in bin 0.
 */

/**
 * Computes four bins as bits of floats. A whole number added to `whole` = 2^23 is in the lowest bits of the sum; with
 * `whole` = 2^21, four times the number is. `whole` is a parameter because V8 builds a literal anew wherever it is used.
 * pmin and pmax are one instruction each, min and max eight.
 */
// @ts-ignore: decorator
@inline
function binBits(v: v128, lo: v128, scale: v128, last: v128, whole: v128): v128 {
  const place = f32x4.mul(f32x4.sub(v, lo), scale);
  return f32x4.add(f32x4.floor(f32x4.pmin(last, f32x4.pmax(f32x4.splat(0), place))), whole);
}

// @ts-ignore: decorator
@inline
function tally(at: usize): void {
  store<u32>(at, load<u32>(at) + 1);
}

/** Increments the counts at four addresses, extracted from the register two at a time. */
// @ts-ignore: decorator
@inline
function tallyFour(at: v128): void {
  const low = i64x2.extract_lane(at, 0);
  const high = i64x2.extract_lane(at, 1);
  tally(<usize>low);
  tally(<usize>(low >>> 32));
  tally(<usize>high);
  tally(<usize>(high >>> 32));
}

/**
 * Counts values into `counts`, and writes to `moments`: their sum (f64, in five parts: of the values 4i, 4i + 1, 4i + 2,
 * 4i + 3 of the rows, and of the remainders at the ends of rows), and their minimum and maximum (f32, four of each).
 *
 * @param whole 2^21
 */
export function count(
  values: usize, rows: u32, columns: u32, stride: usize, upper: u32,
  lo: f32, scale: f32, last: f32, counts: usize, moments: usize, whole: f32,
): void {
  const lo4 = f32x4.splat(lo);
  const scale4 = f32x4.splat(scale);
  const last4 = f32x4.splat(last);
  const whole4 = f32x4.splat(whole);
  const first4 = i32x4.splat(<i32>counts - reinterpret<i32>(whole));
  let sum0 = f64x2.splat(0);
  let sum1 = sum0;
  let rest: f64 = 0;
  let min = f32x4.splat(Infinity);
  let max = f32x4.splat(-Infinity);
  const step = stride + (<usize>upper << 2);
  for (; rows > 0; rows--) {
    let at = values;
    const eights = values + ((<usize>columns >>> 3) << 5);
    for (; at < eights; at += 32) {
      const v = v128.load(at);
      const w = v128.load(at, 16);
      const p = i32x4.add(binBits(v, lo4, scale4, last4, whole4), first4);
      const q = i32x4.add(binBits(w, lo4, scale4, last4, whole4), first4);
      min = f32x4.pmin(f32x4.pmin(min, v), w);
      max = f32x4.pmax(f32x4.pmax(max, v), w);
      sum0 = f64x2.add(f64x2.add(sum0, f64x2.promote_low_f32x4(v)), f64x2.promote_low_f32x4(w));
      sum1 = f64x2.add(sum1, f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3)));
      sum1 = f64x2.add(sum1, f64x2.promote_low_f32x4(v128.shuffle<i32>(w, w, 2, 3, 2, 3)));
      tallyFour(p);
      tallyFour(q);
    }
    if (columns & 4) {
      const v = v128.load(at);
      min = f32x4.pmin(min, v);
      max = f32x4.pmax(max, v);
      sum0 = f64x2.add(sum0, f64x2.promote_low_f32x4(v));
      sum1 = f64x2.add(sum1, f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3)));
      tallyFour(i32x4.add(binBits(v, lo4, scale4, last4, whole4), first4));
      at += 16;
    }
    const end = values + (<usize>columns << 2);
    for (; at < end; at += 4) {
      const v = v128.load32_splat(at);
      min = f32x4.pmin(min, v);
      max = f32x4.pmax(max, v);
      rest += <f64>load<f32>(at);
      const p = i32x4.add(binBits(v, lo4, scale4, last4, whole4), first4);
      tally(<usize><u32>i32x4.extract_lane(p, 0));
    }
    values += step;
    columns -= upper;
  }
  v128.store(moments, sum0);
  v128.store(moments, sum1, 16);
  store<f64>(moments, rest, 32);
  v128.store(moments, min, 48);
  v128.store(moments, max, 64);
}

/** Loads the mark of a bin whose address is the low, or high, half of `at`. */
// @ts-ignore: decorator
@inline
function lowMark(at: i64): usize {
  return <usize>load<u8>(<usize>at);
}
// @ts-ignore: decorator
@inline
function highMark(at: i64): usize {
  return <usize>load<u8>(<usize>(at >>> 32));
}

/** Writes one value, and returns the next output address, which advances only if the value is marked. */
// @ts-ignore: decorator
@inline
function keep(out: usize, at: usize, mark: usize): usize {
  store<u32>(out, load<u32>(at));
  return out + mark;
}

/**
 * Copies the values whose bin has a 4 in `marks` (a byte per bin, else 0) to `out`, in order. Few values are marked, so
 * eight are skipped at once if none is. Otherwise each is written, and overwritten by the next if it is not marked. `out`
 * has room for all values and one more.
 *
 * @param whole 2^23
 * @returns the number of copied values
 */
export function gather(
  values: usize, rows: u32, columns: u32, stride: usize, upper: u32,
  lo: f32, scale: f32, last: f32, marks: usize, out: usize, whole: f32,
): u32 {
  const lo4 = f32x4.splat(lo);
  const scale4 = f32x4.splat(scale);
  const last4 = f32x4.splat(last);
  const whole4 = f32x4.splat(whole);
  const first4 = i32x4.splat(<i32>marks - reinterpret<i32>(whole));
  const first = out;
  const step = stride + (<usize>upper << 2);
  for (; rows > 0; rows--) {
    let at = values;
    const eights = values + ((<usize>columns >>> 3) << 5);
    for (; at < eights; at += 32) {
      const p = i32x4.add(binBits(v128.load(at), lo4, scale4, last4, whole4), first4);
      const q = i32x4.add(binBits(v128.load(at, 16), lo4, scale4, last4, whole4), first4);
      const p0 = i64x2.extract_lane(p, 0), p1 = i64x2.extract_lane(p, 1);
      const q0 = i64x2.extract_lane(q, 0), q1 = i64x2.extract_lane(q, 1);
      const m0 = lowMark(p0), m1 = highMark(p0), m2 = lowMark(p1), m3 = highMark(p1);
      const m4 = lowMark(q0), m5 = highMark(q0), m6 = lowMark(q1), m7 = highMark(q1);
      if (m0 | m1 | m2 | m3 | m4 | m5 | m6 | m7) {
        out = keep(out, at, m0);
        out = keep(out, at + 4, m1);
        out = keep(out, at + 8, m2);
        out = keep(out, at + 12, m3);
        out = keep(out, at + 16, m4);
        out = keep(out, at + 20, m5);
        out = keep(out, at + 24, m6);
        out = keep(out, at + 28, m7);
      }
    }
    const end = values + (<usize>columns << 2);
    for (; at < end; at += 4) {
      const p = i32x4.add(binBits(v128.load32_splat(at), lo4, scale4, last4, whole4), first4);
      out = keep(out, at, <usize>load<u8>(<usize><u32>i32x4.extract_lane(p, 0)));
    }
    values += step;
    columns -= upper;
  }
  return <u32>((out - first) >>> 2);
}

/**
 * Locates ranks among the values added to lines [from, to) of a histogram since the last call. A line is 16 bins;
 * `before` has the sum (u32) of each line at the last call, and is updated. For each of `n` ascending ranks (u32, followed
 * by one more word) among the added values, `found` receives the line, the number of values added to earlier lines, and
 * the number added to this line.
 */
export function seek(
  counts: usize, from: u32, to: u32, before: usize, ranks: usize, n: u32, found: usize,
): void {
  let below: u32 = 0;
  const end = ranks + (<usize>n << 2);
  let wanted = load<u32>(ranks);
  for (let line = from; line < to; line++) {
    const at = counts + (<usize>line << 6);
    const last = before + (<usize>line << 2);
    let sum = i32x4.add(
      i32x4.add(v128.load(at), v128.load(at, 16)),
      i32x4.add(v128.load(at, 32), v128.load(at, 48)),
    );
    sum = i32x4.add(sum, v128.shuffle<i32>(sum, sum, 2, 3, 0, 1));
    const all: u32 = i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1);
    const own = all - load<u32>(last);
    store<u32>(last, all);
    while (ranks < end && wanted - below < own) {
      store<u32>(found, line);
      store<u32>(found, below, 4);
      store<u32>(found, own, 8);
      found += 12;
      ranks += 4;
      wanted = load<u32>(ranks);
    }
    below += own;
  }
}

/**
 * Counts a block of a sample: rows [rowStart, rowEnd) and columns [columnStart, columnEnd), of which only columns after
 * the row. NaN, and rows and columns without a type, are left out. Codes of types ascend with the rows.
 *
 * @param values rows, `stride` bytes apart
 * @param types codes (i32) of all rows, −1 for none
 * @param weights weights (f64) of a pair of types a ≤ b, at b · (b + 1) / 2 + a
 * @param counts weighted counts (f64) of pairs within types, followed by those of pairs between types
 * @param seen numbers (u32) of pairs within and between types
 * @param whole 2^23
 */
export function weigh(
  values: usize, stride: usize, rowStart: u32, rowEnd: u32, columnStart: u32, columnEnd: u32,
  types: usize, weights: usize, lo: f32, scale: f32, last: f32, counts: usize, seen: usize, whole: f32,
): void {
  const lo4 = f32x4.splat(lo);
  const scale4 = f32x4.splat(scale);
  const last4 = f32x4.splat(last);
  const whole4 = f32x4.splat(whole);
  const none = reinterpret<u32>(whole);
  const between = counts + ((<usize>last + 1) << 3);
  let n: u32 = 0, m: u32 = 0;
  for (let row = rowStart; row < rowEnd; row++) {
    const a = load<i32>(types + (<usize>row << 2));
    const first = max(columnStart, row + 1);
    let at = values + ((<usize>first - columnStart) << 2);
    for (let column = first; column < columnEnd; column++, at += 4) {
      const b = load<i32>(types + (<usize>column << 2));
      const v = load<f32>(at);
      if (a < 0 || b < 0 || v != v) continue;
      const bits = binBits(v128.load32_zero(at), lo4, scale4, last4, whole4);
      const bin = <usize>(<u32>i32x4.extract_lane(bits, 0) - none);
      const weight = load<f64>(weights + (<usize>(((b * (b + 1)) >>> 1) + a) << 3));
      const count = (a == b ? counts : between) + (bin << 3);
      store<f64>(count, load<f64>(count) + weight);
      if (a == b) n++;
      else m++;
    }
    values += stride;
  }
  store<u32>(seen, load<u32>(seen) + n);
  store<u32>(seen, load<u32>(seen, 4) + m, 4);
}

/** Number of values of a digit; the digits of a key have 11, 11 and 10 bits. */
const DIGIT: u32 = 2048;

/** Order-preserving integer key of a float: all bits of a negative float flipped, the sign bit of others. */
// @ts-ignore: decorator
@inline
function keyOf(bits: u32): u32 {
  return bits ^ (<u32>(<i32>bits >> 31) | 0x80000000);
}

/** Scatters keys from `from` to `to` by one digit, where `starts` has the byte offset of each digit's first key. */
// @ts-ignore: decorator
@inline
function scatterKeys(from: usize, to: usize, n: u32, starts: usize, shift: u32): void {
  const end = from + (<usize>n << 2);
  for (; from < end; from += 4) {
    const key = load<u32>(from);
    const start = starts + (<usize>((key >>> shift) & (DIGIT - 1)) << 2);
    const place = load<u32>(start);
    store<u32>(to + place, key);
    store<u32>(start, place + 4);
  }
}

/**
 * Sorts `n` values by radix, without branches that depend on them. `out` receives the sorted values, `values` is
 * overwritten, and `scratch` has room for 3 · 2,048 words.
 */
export function sort(values: usize, n: u32, out: usize, scratch: usize): void {
  memory.fill(scratch, 0, 3 * DIGIT * 4);
  const second = scratch + DIGIT * 4;
  const third = second + DIGIT * 4;
  const end = values + (<usize>n << 2);
  for (let at = values; at < end; at += 4) {
    const key = keyOf(load<u32>(at));
    store<u32>(at, key);
    tally(scratch + (<usize>(key & (DIGIT - 1)) << 2));
    tally(second + (<usize>((key >>> 11) & (DIGIT - 1)) << 2));
    tally(third + (<usize>(key >>> 22) << 2));
  }
  let low: u32 = 0, middle: u32 = 0, high: u32 = 0;
  for (let at = scratch; at < second; at += 4) {
    const a = load<u32>(at) << 2;
    const b = load<u32>(at, DIGIT * 4) << 2;
    const c = load<u32>(at, 2 * DIGIT * 4) << 2;
    store<u32>(at, low);
    store<u32>(at, middle, DIGIT * 4);
    store<u32>(at, high, 2 * DIGIT * 4);
    low += a;
    middle += b;
    high += c;
  }
  scatterKeys(values, out, n, scratch, 0);
  scatterKeys(out, values, n, second, 11);
  scatterKeys(values, out, n, third, 22);
  const last = out + (<usize>n << 2);
  for (let at = out; at < last; at += 4) {
    const key = load<u32>(at);
    store<u32>(at, key ^ (<u32>(<i32>~key >> 31) | 0x80000000));
  }
}
