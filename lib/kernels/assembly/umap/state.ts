/** What a thread is told once, or once an epoch: where things lie, and the numbers of the forces. */

/** The sampling's clock: 31 bits. */
export const PHASE: u32 = 0x7fffffff;
/** Points abreast, and bytes of a row of 32-bit words for them. */
export const LANES: u32 = 8;
export const ROW: usize = 32;

export let segments: usize = 0;
export let groups: u32 = 1;
export let tails: usize = 0;
export let rates: usize = 0;
/** 0: the targets are fixed, so that no moves are handed on. */
export let mirrors: usize = 0;
export let moves: usize = 0;
/** The row of `moves` that nobody reads. */
export let nowhere: u32 = 0;
export let negatives: u32 = 0;

export let targets: usize = 0;
export let targetCount: u32 = 0;
export let dims: u32 = 0;

/** This thread's room: for each point of a piece its sampled edges, where they start, how many, and its rank. */
export let sampled: usize = 0;
export let starts: usize = 0;
export let order: usize = 0;
export let tally: usize = 0;
/** For the points abreast: numbers drawn, addresses of targets, rows of moves, coordinates, differences. */
export let drawn: usize = 0;
export let addresses: usize = 0;
export let receivers: usize = 0;
export let here: usize = 0;
export let apart: usize = 0;
export let constants: usize = 0;

export let clock: u32 = 0;
export let key0: u32 = 0;
export let key1: u32 = 0;

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
export function word(at: usize, index: u32): u32 {
  return load<u32>(at + (<usize>index << 2));
}

/**
 * Constants lie in memory, four times each: the compiler of the browser engines makes a literal anew, in three
 * instructions, wherever it is used.
 */
// @ts-ignore: decorator
@inline
export function constant(index: usize): v128 {
  return v128.load(constants + (index << 4));
}

// @ts-ignore: decorator
@inline
export function putConstant(index: usize, value: v128): void {
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
