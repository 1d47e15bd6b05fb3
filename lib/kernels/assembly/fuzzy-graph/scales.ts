/**
 * Local scales of cells for UMAP, in AssemblyScript: ρ, σ and the memberships of the neighbours (see
 * lib/embeddings/umap/graph/smooth-knn.ts). Results equal those of plain loops in 32-bit floats with exp of
 * lib/kernels/math.ts, but four neighbours are computed at a time.
 */

const STEPS: i32 = 64;
const TOLERANCE: f64 = 1e-5;
/** Lower bound of σ, as a share of a mean distance. */
const LEAST_SHARE: f64 = 1e-3;
/**
 * Bound, per membership, of the difference between the estimated sum of memberships near the target and the sum rounded
 * in 32 bits at each addition: ten times the errors of the polynomial (4e-7) and of rounding (8e-8 per unit of the sum,
 * which is about log₂ k).
 */
const SUM_ERROR: f64 = 1e-5;
/** Lower bound of exponents: e^x is then 0 in 32 bits by far, and its power of two is still a normal 64-bit float. */
const LEAST_EXPONENT: f64 = -200;

/**
 * Computes ρ, σ and memberships of all cells, with k neighbours each.
 *
 * @param weights output: memberships, cells × k, in the order of the distances
 * @param room scratch for k numbers, rounded up to a multiple of four
 * @param target wanted sum of the memberships
 */
export function smooth(
  cells: u32, k: u32, distances: usize, rho: usize, sigma: usize, weights: usize, room: usize,
  connectivity: f64, target: f64, overallMean: f64,
): void {
  const width = <usize>k << 2;
  for (let i: u32 = 0; i < cells; i++) {
    const at = distances + <usize>i * width;
    const near = connectedDistance(at, k, connectivity);
    store<f32>(rho + (<usize>i << 2), near);
    // The first neighbour is the cell itself.
    fill(at + 4, k - 1, near, room);
    let scale = bandwidth(room, k - 1, target);
    const floor = LEAST_SHARE * (near > 0 ? mean(at, k) : overallMean);
    if (<f64>scale < floor) scale = <f32>floor;
    store<f32>(sigma + (<usize>i << 2), scale);
    fill(at, k, near, room);
    const to = weights + <usize>i * width;
    for (let e: usize = 0; e < width; e += 16) {
      const beyond = v128.load(room + e);
      const inside = v128.or(f32x4.le(beyond, f32x4.splat(0)), f32x4.eq(f32x4.splat(scale), f32x4.splat(0)));
      v128.store(room + e, v128.bitselect(f32x4.splat(1), fading(beyond, scale), inside));
    }
    memory.copy(to, room, width);
  }
}

/** Mean of `count` numbers. */
export function mean(values: usize, count: u32): f64 {
  let sum: f64 = 0;
  for (let e: u32 = 0; e < count; e++) sum += <f64>load<f32>(values + (<usize>e << 2));
  return sum / <f64>count;
}

/** Returns ρ: the `connectivity`-th distance above 0, interpolated for a fraction. Distances ascend. */
function connectedDistance(distances: usize, k: u32, connectivity: f64): f32 {
  let from: u32 = 0;
  while (from < k && !(load<f32>(distances + (<usize>from << 2)) > 0)) from++;
  const apart = k - from;
  if (apart == 0) return 0;
  if (<f64>apart < connectivity) return load<f32>(distances + (<usize>(k - 1) << 2));
  const whole = <u32>connectivity;
  const fraction = connectivity - <f64>whole;
  const next = distances + (<usize>(from + whole) << 2);
  if (whole == 0) return <f32>(fraction * <f64>load<f32>(next));
  const near = load<f32>(next - 4);
  if (!(fraction > TOLERANCE)) return near;
  return <f32>(<f64>near + fraction * <f64>(load<f32>(next) - near));
}

/** Writes the neighbours' distances minus ρ to `room`, followed by zeros up to a multiple of four. */
// @ts-ignore: decorator
@inline
function fill(distances: usize, count: u32, rho: f32, room: usize): void {
  const end = room + (<usize>count << 2);
  let to = room;
  for (let from = distances; to < end; from += 4, to += 4) store<f32>(to, load<f32>(from) - rho);
  for (; (to & 15) != 0; to += 4) store<f32>(to, 0);
}

/**
 * Finds σ at which the memberships add up to the target, by bisection. Far from the target an approximate sum suffices to
 * choose the side; near it the sum is computed exactly as specified.
 */
function bandwidth(beyond: usize, count: u32, target: f64): f32 {
  const end = beyond + (<usize>count << 2);
  const unsure = TOLERANCE + SUM_ERROR * <f64>count;
  let low: f32 = 0;
  let high: f32 = f32.MAX_VALUE;
  let middle: f32 = 1;
  for (let step = 0; step < STEPS; step++) {
    let off = aboutSum(beyond, end, middle) - target;
    if (!(Math.abs(off) > unsure)) {
      off = <f64>sumOf(beyond, end, middle) - target;
      if (Math.abs(off) < TOLERANCE) break;
    }
    if (off > 0) {
      high = middle;
      middle = (low + high) / 2;
    } else {
      low = middle;
      middle = high >= f32.MAX_VALUE ? middle * 2 : (low + high) / 2;
    }
  }
  return middle;
}

/** Sums memberships in 32 bits, one after the other. */
// @ts-ignore: decorator
@inline
function sumOf(beyond: usize, end: usize, scale: f32): f32 {
  let sum: f32 = 0;
  for (let at = beyond; at < end; at += 16) {
    const apart = v128.load(at);
    const inside = f32x4.gt(apart, f32x4.splat(0));
    const four = v128.bitselect(fading(apart, scale), f32x4.splat(1), inside);
    sum += f32x4.extract_lane(four, 0);
    if (at + 4 < end) sum += f32x4.extract_lane(four, 1);
    if (at + 8 < end) sum += f32x4.extract_lane(four, 2);
    if (at + 12 < end) sum += f32x4.extract_lane(four, 3);
  }
  return sum;
}

/** Approximates `sumOf` within `SUM_ERROR` per membership: 2^n · p(r) with a Taylor polynomial, |r| ≤ ln 2 / 2. */
// @ts-ignore: decorator
@inline
function aboutSum(beyond: usize, end: usize, scale: f32): f64 {
  const factor = f32x4.splat(<f32>-1.4426950408889634 / scale);
  let sums = f32x4.splat(0);
  for (let at = beyond; at < end; at += 16) {
    // Exponents are clamped to −120, where the power of two is still normal and the membership negligible, and to 0, the
    // value for distances within ρ.
    const y = f32x4.pmin(f32x4.pmax(f32x4.mul(v128.load(at), factor), f32x4.splat(-120)), f32x4.splat(0));
    const n = f32x4.nearest(y);
    const r = f32x4.mul(f32x4.sub(y, n), f32x4.splat(<f32>0.6931471805599453));
    let p = f32x4.add(f32x4.splat(<f32>(1 / 120)), f32x4.mul(r, f32x4.splat(<f32>(1 / 720))));
    p = f32x4.add(f32x4.splat(<f32>(1 / 24)), f32x4.mul(r, p));
    p = f32x4.add(f32x4.splat(<f32>(1 / 6)), f32x4.mul(r, p));
    p = f32x4.add(f32x4.splat(0.5), f32x4.mul(r, p));
    p = f32x4.add(f32x4.splat(1), f32x4.mul(r, p));
    p = f32x4.add(f32x4.splat(1), f32x4.mul(r, p));
    const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
    sums = f32x4.add(sums, f32x4.mul(p, power));
  }
  const sum =
    <f64>f32x4.extract_lane(sums, 0) +
    <f64>f32x4.extract_lane(sums, 1) +
    <f64>f32x4.extract_lane(sums, 2) +
    <f64>f32x4.extract_lane(sums, 3);
  // Each padding zero after the last distance counted as 1.
  return sum - <f64>((16 - ((end - beyond) & 15)) & 15) / 4;
}

/** Computes e^(−distance / scale) of four distances, in 32 bits. */
// @ts-ignore: decorator
@inline
function fading(distances: v128, scale: f32): v128 {
  const x = f32x4.neg(f32x4.div(distances, f32x4.splat(scale)));
  const low = f32x4.demote_f64x2_zero(exp(f64x2.promote_low_f32x4(x)));
  const high = f32x4.demote_f64x2_zero(exp(f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 0))));
  return i64x2.shuffle(low, high, 0, 2);
}

/** Computes `exp` of lib/kernels/math.ts, step by step, for two numbers; equal to it where the result is not 0 in 32 bits. */
// @ts-ignore: decorator
@inline
function exp(given: v128): v128 {
  const x = f64x2.pmax(given, f64x2.splat(LEAST_EXPONENT));
  const k = f64x2.floor(f64x2.add(f64x2.mul(x, f64x2.splat(1.4426950408889634)), f64x2.splat(0.5)));
  const high = f64x2.sub(x, f64x2.mul(k, f64x2.splat(0.6931471803691238)));
  const low = f64x2.mul(k, f64x2.splat(1.9082149292705877e-10));
  const r = f64x2.sub(high, low);
  const t = f64x2.mul(r, r);
  let p = f64x2.add(f64x2.splat(-0.0000016533902205465252), f64x2.mul(t, f64x2.splat(4.1381367970572385e-8)));
  p = f64x2.add(f64x2.splat(0.00006613756321437934), f64x2.mul(t, p));
  p = f64x2.add(f64x2.splat(-0.0027777777777015593), f64x2.mul(t, p));
  p = f64x2.add(f64x2.splat(0.16666666666666602), f64x2.mul(t, p));
  const c = f64x2.sub(r, f64x2.mul(t, p));
  const rest = f64x2.div(f64x2.mul(r, c), f64x2.sub(f64x2.splat(2), c));
  const y = f64x2.sub(f64x2.splat(1), f64x2.sub(f64x2.sub(low, rest), high));
  const exponent = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(k));
  return f64x2.mul(y, i64x2.shl(i64x2.add(exponent, i64x2.splat(1023)), 52));
}
