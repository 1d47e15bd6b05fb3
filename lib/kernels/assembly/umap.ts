//! asc --importMemory --sharedMemory --maximumMemory 65536 --enable threads
/**
 * The gradient descent of UMAP for a share of the points, in AssemblyScript: several threads run it at once on one
 * shared memory. No relaxed SIMD, no libm: every machine computes the same bits. What is done when, and why the
 * number of threads cannot be seen: lib/umap/layout.ts.
 *
 * A point works off its targets of an epoch one after the other: for each edge whose turn it is the neighbour,
 * which attracts, then points drawn at random, which repel. Eight points do so abreast, one to a lane; to lose
 * little, they are chosen to have about as many targets. Which points stand abreast does not change where they go.
 *
 * Shapes: segments u32[points × groups + 1], where a point's edges to the points of each group start;
 * tails, rates, mirrors u32[edges]: the other end, how often the edge is sampled (2^31: in every epoch) and the
 * same edge seen from the other end; targets f32[(targets + 1) × dims] and moves f32[(edges + 1) × dims], the last
 * row being nobody: too far away to pull or push, and there to take what no one needs.
 */

/** The sampling's clock: 31 bits. */
const PHASE: u32 = 0x7fffffff;
/** Points abreast, and bytes of a row of 32-bit words for them. */
const LANES: u32 = 8;
const ROW: usize = 32;

let segments: usize = 0;
let groups: u32 = 1;
let tails: usize = 0;
let rates: usize = 0;
/** 0: the targets are fixed, so that no moves are handed on. */
let mirrors: usize = 0;
let moves: usize = 0;
/** The row of `moves` that nobody reads. */
let nowhere: u32 = 0;
let negatives: u32 = 0;

let targets: usize = 0;
let targetCount: u32 = 0;
let dims: u32 = 0;

/** This thread's room: for each point of a piece its sampled edges, where they start, how many, and its rank. */
let sampled: usize = 0;
let starts: usize = 0;
let order: usize = 0;
let tally: usize = 0;
/** For the points abreast: numbers drawn, addresses of targets, rows of moves, coordinates, differences. */
let drawn: usize = 0;
let addresses: usize = 0;
let receivers: usize = 0;
let here: usize = 0;
let apart: usize = 0;
let constants: usize = 0;

let clock: u32 = 0;
let key0: u32 = 0;
let key1: u32 = 0;

export function setGraph(
  segments_: usize, groups_: u32, tails_: usize, rates_: usize, mirrors_: usize, moves_: usize, nowhere_: u32,
): void {
  segments = segments_;
  groups = groups_;
  tails = tails_;
  rates = rates_;
  mirrors = mirrors_;
  moves = moves_;
  nowhere = nowhere_;
}

/** What attracts and repels: the points at `at`, and how many are drawn to repel for each sample of an edge. */
export function setTargets(at: usize, count: u32, dims_: u32, negatives_: u32): void {
  targets = at;
  targetCount = count;
  dims = dims_;
  negatives = negatives_;
}

/** Bytes: sampled 4 an edge of a piece; starts, order 4 a point of a piece, starts one more; tally 4 · (edges of a point + 2). */
export function setPieceRoom(sampled_: usize, starts_: usize, order_: usize, tally_: usize): void {
  sampled = sampled_;
  starts = starts_;
  order = order_;
  tally = tally_;
}

/** Bytes, with E the edges of a point: drawn 4 · (E · negatives + 4), addresses 32 · E · (1 + negatives), receivers 32 · E, the others 32 · dims. */
export function setLaneRoom(
  drawn_: usize, addresses_: usize, receivers_: usize, here_: usize, apart_: usize, constants_: usize,
): void {
  drawn = drawn_;
  addresses = addresses_;
  receivers = receivers_;
  here = here_;
  apart = apart_;
  constants = constants_;
}

/** `epoch` counts from 1; `keyLow` and `keyHigh` choose the random numbers. */
export function setEpoch(epoch: u32, rate: f64, keyLow: u32, keyHigh: u32): void {
  clock = epoch;
  putConstant(29, f32x4.splat(<f32>rate));
  key0 = keyLow;
  key1 = keyHigh;
}

// @ts-ignore: decorator
@inline
function word(at: usize, index: u32): u32 {
  return load<u32>(at + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
function isSampled(edge: u32): bool {
  const rate = word(rates, edge);
  return ((clock * rate) & PHASE) < rate;
}

/** 32-bit mixing in both directions: a permutation of 2^32 numbers for each key. */
// @ts-ignore: decorator
@inline
function scramble(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x7feb352d));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/**
 * Constants lie in memory, four times each: the compiler of the browser engines makes a literal anew, in three
 * instructions, wherever it is used.
 */
// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load(constants + (index << 4));
}

// @ts-ignore: decorator
@inline
function putConstant(index: usize, value: v128): void {
  v128.store(constants + (index << 4), value);
}

/** The curve 1 / (1 + a·d^2b) and the strength of repulsion. After the rooms. */
export function setForces(a: f64, b: f64, gamma: f64): void {
  putConstant(0, f32x4.splat(1.17549435e-38));
  putConstant(1, i32x4.splat(0x3f3504f3));
  putConstant(2, i32x4.splat(0x007fffff));
  putConstant(3, f32x4.splat(1));
  putConstant(4, f32x4.splat(1.4426949619889644));
  putConstant(5, f32x4.splat(-0.7213527880758849));
  putConstant(6, f32x4.splat(0.4809232419538863));
  putConstant(7, f32x4.splat(-0.36023963868980097));
  putConstant(8, f32x4.splat(0.287098709738696));
  putConstant(9, f32x4.splat(-0.24887688897752688));
  putConstant(10, f32x4.splat(0.2340422964654596));
  putConstant(11, f32x4.splat(-0.14581151558699368));
  putConstant(12, f32x4.splat(<f32>b));
  putConstant(13, f32x4.splat(60));
  putConstant(14, f32x4.splat(-120));
  putConstant(15, f32x4.splat(12582912));
  putConstant(16, f32x4.splat(1.0000000716546555));
  putConstant(17, f32x4.splat(0.6931469670638656));
  putConstant(18, f32x4.splat(0.24022119723933977));
  putConstant(19, f32x4.splat(0.055507132749609694));
  putConstant(20, f32x4.splat(0.009675541330678092));
  putConstant(21, f32x4.splat(0.0013276471519583083));
  putConstant(22, i32x4.splat(127));
  putConstant(23, f32x4.splat(<f32>a));
  putConstant(24, f32x4.splat(<f32>(-2 * a * b)));
  putConstant(25, f32x4.splat(<f32>(2 * gamma * b)));
  putConstant(26, f32x4.splat(0.001));
  putConstant(27, f32x4.splat(4));
  putConstant(28, f32x4.splat(-4));
}

/** x^2b for x² ≥ 0 as 2^(b·log2 x²), relative error about 1e-6, of at most 2^60. Zero stands for 2^-126. */
// @ts-ignore: decorator
@inline
function power(x: v128): v128 {
  // x = 2^k · (1 + f), √½ ≤ 1 + f < √2
  const bits = i32x4.sub(f32x4.pmax(x, constant(0)), constant(1));
  const k = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  const m = i32x4.add(v128.and(bits, constant(2)), constant(1));
  const one = constant(3);
  const f = f32x4.sub(m, one);
  const f2 = f32x4.mul(f, f);
  const f4 = f32x4.mul(f2, f2);
  // log2 (1 + f) / f, minimax, by Estrin's scheme: short chains of dependent steps
  const p01 = f32x4.add(constant(4), f32x4.mul(f, constant(5)));
  const p23 = f32x4.add(constant(6), f32x4.mul(f, constant(7)));
  const p45 = f32x4.add(constant(8), f32x4.mul(f, constant(9)));
  const p67 = f32x4.add(constant(10), f32x4.mul(f, constant(11)));
  const p03 = f32x4.add(p01, f32x4.mul(f2, p23));
  const p47 = f32x4.add(p45, f32x4.mul(f2, p67));
  const log = f32x4.add(k, f32x4.mul(f, f32x4.add(p03, f32x4.mul(f4, p47))));
  // 2^t, within what stays finite when multiplied with a square
  const t = f32x4.pmax(f32x4.pmin(f32x4.mul(constant(12), log), constant(13)), constant(14));
  // Added to 1.5 · 2^23, t is rounded to a whole number, which stands in the low bits.
  const magic = constant(15);
  const whole = f32x4.add(t, magic);
  const r = f32x4.sub(t, f32x4.sub(whole, magic));
  const r2 = f32x4.mul(r, r);
  const q01 = f32x4.add(constant(16), f32x4.mul(r, constant(17)));
  const q23 = f32x4.add(constant(18), f32x4.mul(r, constant(19)));
  const q45 = f32x4.add(constant(20), f32x4.mul(r, constant(21)));
  const q = f32x4.add(q01, f32x4.mul(r2, f32x4.add(q23, f32x4.mul(r2, q45))));
  return f32x4.mul(q, i32x4.shl(i32x4.add(whole, constant(22)), 23));
}

/** For tests: x^2b. */
export function powerOf(squared: f32): f32 {
  return f32x4.extract_lane(power(f32x4.splat(squared)), 0);
}

// @ts-ignore: decorator
@inline
function gather(a: usize, b: usize, c: usize, d: usize): v128 {
  return v128.load32_lane(d, v128.load32_lane(c, v128.load32_lane(b, v128.load32_zero(a), 1), 2), 3);
}

/** The difference of four points to their targets along one axis goes to `at`. @returns its squares */
// @ts-ignore: decorator
@inline
function difference(a: usize, b: usize, c: usize, d: usize, axis: usize, half: usize): v128 {
  const offset = axis << 2;
  const other = gather(a + offset, b + offset, c + offset, d + offset);
  const lanes = (axis << 5) + half;
  const along = f32x4.sub(v128.load(here + lanes), other);
  v128.store(apart + lanes, along);
  return f32x4.mul(along, along);
}

/** Squared distances of four points to their targets, listed at `k`. D is `dims`, or 6 if that is more. */
// @ts-ignore: decorator
@inline
function squares(D: i32, k: usize, half: usize): v128 {
  const a = <usize>load<u32>(k + half);
  const b = <usize>load<u32>(k + half, 4);
  const c = <usize>load<u32>(k + half, 8);
  const d = <usize>load<u32>(k + half, 12);
  let sum = difference(a, b, c, d, 0, half);
  if (D > 1) sum = f32x4.add(sum, difference(a, b, c, d, 1, half));
  if (D > 2) sum = f32x4.add(sum, difference(a, b, c, d, 2, half));
  if (D > 3) sum = f32x4.add(sum, difference(a, b, c, d, 3, half));
  if (D > 4) sum = f32x4.add(sum, difference(a, b, c, d, 4, half));
  if (D > 5) sum = f32x4.add(sum, difference(a, b, c, d, 5, half));
  if (D == 6) {
    for (let axis: u32 = 6; axis < dims; axis++) sum = f32x4.add(sum, difference(a, b, c, d, axis, half));
  }
  return sum;
}

/** Goes one step along an axis: the gradient, clipped to ±4 as in umap-learn, times the learning rate. */
// @ts-ignore: decorator
@inline
function go(axis: usize, half: usize, factor: v128, rate: v128): v128 {
  const lanes = (axis << 5) + half;
  const gradient = f32x4.mul(factor, v128.load(apart + lanes));
  const step = f32x4.mul(f32x4.pmax(f32x4.pmin(gradient, constant(27)), constant(28)), rate);
  v128.store(here + lanes, f32x4.add(v128.load(here + lanes), step));
  return step;
}

/** The same towards a neighbour, with the step noted for the neighbour, who goes as far the other way. */
// @ts-ignore: decorator
@inline
function goBoth(axis: usize, half: usize, factor: v128, rate: v128, a: usize, b: usize, c: usize, d: usize): void {
  const step = go(axis, half, factor, rate);
  v128.store32_lane(a + (axis << 2), step, 0);
  v128.store32_lane(b + (axis << 2), step, 1);
  v128.store32_lane(c + (axis << 2), step, 2);
  v128.store32_lane(d + (axis << 2), step, 3);
}

/** Four points are attracted by their targets: −2ab·d^2(b−1) / (1 + a·d^2b), nothing where they coincide. */
// @ts-ignore: decorator
@inline
function attract(D: i32, k: usize, receiver: usize, half: usize, rate: v128): void {
  const squared = squares(D, k, half);
  const raised = power(squared);
  const below = f32x4.mul(squared, f32x4.add(constant(3), f32x4.mul(constant(23), raised)));
  const quotient = f32x4.div(f32x4.mul(constant(24), raised), below);
  const factor = v128.and(quotient, f32x4.gt(squared, f32x4.splat(0)));
  const bytes = <usize>dims << 2;
  const a = moves + <usize>load<u32>(receiver + half) * bytes;
  const b = moves + <usize>load<u32>(receiver + half, 4) * bytes;
  const c = moves + <usize>load<u32>(receiver + half, 8) * bytes;
  const d = moves + <usize>load<u32>(receiver + half, 12) * bytes;
  goBoth(0, half, factor, rate, a, b, c, d);
  if (D > 1) goBoth(1, half, factor, rate, a, b, c, d);
  if (D > 2) goBoth(2, half, factor, rate, a, b, c, d);
  if (D > 3) goBoth(3, half, factor, rate, a, b, c, d);
  if (D > 4) goBoth(4, half, factor, rate, a, b, c, d);
  if (D > 5) goBoth(5, half, factor, rate, a, b, c, d);
  if (D == 6) {
    for (let axis: u32 = 6; axis < dims; axis++) goBoth(axis, half, factor, rate, a, b, c, d);
  }
}

/** Four points are repelled by their targets: 2γb / ((0.001 + d²)(1 + a·d^2b)), nothing where they coincide. */
// @ts-ignore: decorator
@inline
function repel(D: i32, k: usize, half: usize, rate: v128): void {
  const squared = squares(D, k, half);
  const raised = power(squared);
  const factor = f32x4.div(
    constant(25),
    f32x4.mul(
      f32x4.add(constant(26), squared),
      f32x4.add(constant(3), f32x4.mul(constant(23), raised)),
    ),
  );
  go(0, half, factor, rate);
  if (D > 1) go(1, half, factor, rate);
  if (D > 2) go(2, half, factor, rate);
  if (D > 3) go(3, half, factor, rate);
  if (D > 4) go(4, half, factor, rate);
  if (D > 5) go(5, half, factor, rate);
  if (D == 6) {
    for (let axis: u32 = 6; axis < dims; axis++) go(axis, half, factor, rate);
  }
}

/** Works off the targets of `edges` edges for the points abreast. The two halves keep the processor busy. */
// @ts-ignore: decorator
@inline
function walk(D: i32, edges: u32): void {
  const rate = constant(29);
  const all = negatives;
  let k = addresses;
  let receiver = receivers;
  for (let e: u32 = 0; e < edges; e++) {
    attract(D, k, receiver, 0, rate);
    attract(D, k, receiver, 16, rate);
    k += ROW;
    for (let n: u32 = 0; n < all; n++) {
      repel(D, k, 0, rate);
      repel(D, k, 16, rate);
      k += ROW;
    }
    receiver += ROW;
  }
}

// @ts-ignore: decorator
@inline
function addressOf(target: u32): u32 {
  return <u32>targets + target * (dims << 2);
}

/**
 * Draws `count` points to repel `point`, without a number being drawn twice in an epoch: each edge has counters of
 * its own. A point that draws itself gets nobody.
 */
// @ts-ignore: decorator
@inline
function draw(point: u32, counterFrom: u32, count: u32): void {
  let counter = i32x4.add(i32x4.splat(counterFrom), i32x4(0, 1, 2, 3));
  const low = i32x4.splat(key0);
  const high = i32x4.splat(key1);
  const range = i32x4.splat(targetCount);
  const self = i32x4.splat(mirrors == 0 ? targetCount : point);
  const end = drawn + (<usize>count << 2);
  for (let k = drawn; k < end; k += 16) {
    const random = scramble(v128.xor(scramble(i32x4.add(counter, low)), high));
    // The high word of random · count: 0 … count − 1
    const even = i64x2.extmul_low_i32x4_u(random, range);
    const odd = i64x2.extmul_high_i32x4_u(random, range);
    const found = v128.shuffle<i32>(even, odd, 1, 3, 5, 7);
    v128.store(k, v128.bitselect(range, found, i32x4.eq(found, self)));
    counter = i32x4.add(counter, i32x4.splat(4));
  }
}

/** Lists the targets of a point in its lane, filled up with nobody to those of `most` edges. */
function line(lane: u32, point: u32, edges: usize, count: u32, most: u32): void {
  draw(point, word(segments, point * groups) * negatives, count * negatives);
  let next = drawn;
  let k = addresses + (<usize>lane << 2);
  let receiver = receivers + (<usize>lane << 2);
  for (let e: u32 = 0; e < count; e++) {
    const edge = word(edges, e);
    store<u32>(k, addressOf(word(tails, edge)));
    store<u32>(receiver, mirrors == 0 ? nowhere : word(mirrors, edge));
    k += ROW;
    receiver += ROW;
    for (let n: u32 = 0; n < negatives; n++) {
      store<u32>(k, addressOf(load<u32>(next)));
      next += 4;
      k += ROW;
    }
  }
  const nobody = addressOf(targetCount);
  for (let e = count; e < most; e++) {
    store<u32>(receiver, nowhere);
    receiver += ROW;
    for (let n: u32 = 0; n <= negatives; n++) {
      store<u32>(k, nobody);
      k += ROW;
    }
  }
}

/** Notes which edges of the points first, first + stride, … are sampled, and ranks the points by how many. */
// @ts-ignore: decorator
@inline
function sample(first: u32, end: u32, stride: u32): u32 {
  let count: u32 = 0;
  let most: u32 = 0;
  let at: u32 = 0;
  for (let point = first; point < end; point += stride) {
    store<u32>(starts + (<usize>count << 2), at);
    const from = at;
    const last = word(segments, (point + 1) * groups);
    // Every edge is written down and those whose turn it is stay: a branch that cannot be foretold costs more.
    for (let edge = word(segments, point * groups); edge < last; edge++) {
      store<u32>(sampled + (<usize>at << 2), edge);
      at += <u32>isSampled(edge);
    }
    if (at - from > most) most = at - from;
    count++;
  }
  store<u32>(starts + (<usize>count << 2), at);
  memory.fill(tally, 0, <usize>(most + 2) << 2);
  for (let i: u32 = 0; i < count; i++) {
    const bin = tally + (<usize>(word(starts, i + 1) - word(starts, i) + 1) << 2);
    store<u32>(bin, load<u32>(bin) + 1);
  }
  for (let bin = tally; bin < tally + (<usize>(most + 1) << 2); bin += 4) {
    store<u32>(bin, load<u32>(bin) + load<u32>(bin, 4), 4);
  }
  for (let i: u32 = 0; i < count; i++) {
    const bin = tally + (<usize>(word(starts, i + 1) - word(starts, i)) << 2);
    const rank = load<u32>(bin);
    store<u32>(bin, rank + 1);
    store<u32>(order + (<usize>rank << 2), i);
  }
  return count;
}

/**
 * Moves the points first, first + stride, … below `end`, read at `from` (an address of point 0) and written at
 * `to`; the two may be one if no target is among these points.
 */
export function movePoints(first: u32, end: u32, stride: u32, from: usize, to: usize): void {
  const bytes = <usize>dims << 2;
  const count = sample(first, end, stride);
  for (let rank: u32 = 0; rank < count; rank += LANES) {
    // The last has most.
    const last = word(order, min(rank + LANES, count) - 1);
    const most = word(starts, last + 1) - word(starts, last);
    for (let lane: u32 = 0; lane < LANES; lane++) {
      const isThere = rank + lane < count;
      const i = isThere ? word(order, rank + lane) : last;
      const point = first + i * stride;
      const edges = word(starts, i);
      line(lane, point, sampled + (<usize>edges << 2), isThere ? word(starts, i + 1) - edges : 0, most);
      const at = from + <usize>point * bytes;
      for (let axis: u32 = 0; axis < dims; axis++) {
        store<f32>(here + (<usize>(axis * LANES + lane) << 2), load<f32>(at + (<usize>axis << 2)));
      }
    }
    if (dims == 2) walk(2, most);
    else if (dims == 5) walk(5, most);
    else if (dims == 3) walk(3, most);
    else if (dims == 1) walk(1, most);
    else if (dims == 4) walk(4, most);
    else walk(6, most);
    for (let lane: u32 = 0; lane < LANES && rank + lane < count; lane++) {
      const at = to + <usize>(first + word(order, rank + lane) * stride) * bytes;
      for (let axis: u32 = 0; axis < dims; axis++) {
        store<f32>(at + (<usize>axis << 2), load<f32>(here + (<usize>(axis * LANES + lane) << 2)));
      }
    }
  }
}

/**
 * The other ends of the edges that moved `group`: points `first` … `end` − 1 take what was handed to them. Points
 * of the group itself start from where they were written to, `moved`; the others from where they are.
 */
export function takeMoves(first: u32, end: u32, group: u32, positions: usize, moved: usize): void {
  const bytes = <usize>dims << 2;
  for (let point = first; point < end; point++) {
    const to = positions + <usize>point * bytes;
    if (point % groups == group) memory.copy(to, moved + <usize>point * bytes, bytes);
    const segment = segments + (<usize>(point * groups + group) << 2);
    const last = load<u32>(segment, 4);
    for (let edge = load<u32>(segment); edge < last; edge++) {
      if (!isSampled(edge)) continue;
      const from = moves + <usize>edge * bytes;
      for (let at: usize = 0; at < bytes; at += 4) {
        store<f32>(to + at, load<f32>(to + at) - load<f32>(from + at));
      }
    }
  }
}
