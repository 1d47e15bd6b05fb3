/** What a thread is told once, or once an epoch: where things lie, and the numbers of the forces. */

/** No point; no step. */
export const NONE: u32 = 0xffffffff;
/** In place of an edge's number: the lane has none. */
export const NOBODY: u32 = 0xffffffff;
/** Points abreast, in quads of four. */
export const LANES: u32 = 16;
/** Bytes of a row of 32-bit words for the points abreast, and of a quad. */
export const ROW: usize = 64;
export const QUAD: usize = 16;
/** Points of a group that are taken at a time. */
export const PIECE: u32 = 128;
/** Edges that are looked at at a time. */
export const CHUNK: u32 = 64;
/** Bytes of what lies ready for a step of all lanes: addresses of targets, rows of moves, and numbers of edges. */
export const STEP: usize = 3 * ROW;

export let order: usize = 0;
export let groupStarts: usize = 0;
export let hubEnds: usize = 0;
export let starts: usize = 0;
export let tails: usize = 0;
export let rates: usize = 0;
export let groups: u32 = 1;
export let points: u32 = 0;

export let takeStarts: usize = 0;
export let takers: usize = 0;
export let takeRates: usize = 0;
export let senders: usize = 0;
/** For each edge of the turn that is due, its row of `moves`. */
export let rowsOf: usize = 0;
export let moves: usize = 0;
/** The row of `moves` that nobody reads. */
export let nowhere: u32 = 0;
/** The targets do not move, so that no moves are handed on. */
export let isFixed: bool = false;

export let targets: usize = 0;
export let targetCount: u32 = 0;
export let dims: u32 = 0;
export let negatives: u32 = 0;

/** This thread's room: of a piece the edges due, where those of each point start, and the points by their number. */
export let due: usize = 0;
export let dueStarts: usize = 0;
export let ranked: usize = 0;
export let tally: usize = 0;
/** Of each chunk of a piece's edges which are due, a bit each, and how many before: 16 bytes. */
export let chunks: usize = 0;
/** Steps that lie ready. */
export let ready: usize = 0;
/** Of the points abreast their numbers as targets, and rows for each axis: places, differences to targets, sums. */
export let selves: usize = 0;
export let here: usize = 0;
export let apart: usize = 0;
export let sums: usize = 0;
export let constants: usize = 0;


export function setGraph(
  order_: usize, groupStarts_: usize, hubEnds_: usize, starts_: usize, tails_: usize, rates_: usize,
  points_: u32, groups_: u32,
): void {
  order = order_;
  groupStarts = groupStarts_;
  hubEnds = hubEnds_;
  starts = starts_;
  tails = tails_;
  rates = rates_;
  points = points_;
  groups = groups_;
}

export function setTakers(
  takeStarts_: usize, takers_: usize, takeRates_: usize, senders_: usize, rowsOf_: usize, moves_: usize, nowhere_: u32,
  isFixed_: bool,
): void {
  takeStarts = takeStarts_;
  takers = takers_;
  takeRates = takeRates_;
  senders = senders_;
  isFixed = isFixed_;
  rowsOf = rowsOf_;
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

const CONSTANT_BYTES: usize = 1024;

/** Bytes, where points that are no hubs have at most E edges: 15360 + 744 · E + 192 · dims. After `setTargets`. */
export function setRoom(at: usize, mostEdges: u32): void {
  const most = <usize>mostEdges;
  const axes = ROW * <usize>dims;
  constants = at;
  ready = constants + CONSTANT_BYTES;
  chunks = ready + (most + CHUNK) * STEP;
  selves = chunks + (2 * most + 2) * 16;
  here = selves + ROW;
  apart = here + axes;
  sums = apart + axes;
  dueStarts = sums + axes;
  ranked = dueStarts + (<usize>(PIECE + 1) << 2);
  tally = ranked + (<usize>PIECE << 2);
  due = tally + ((most + 3) << 2);
}

/** `epoch` counts from 1; `keyLow` and `keyHigh` choose the random numbers. */
export function setEpoch(epoch: u32, rate: f64, keyLow: u32, keyHigh: u32): void {
  putConstant(CLOCK, i32x4.splat(epoch));
  putConstant(RATE, f32x4.splat(<f32>rate));
  putConstant(KEY0, i32x4.splat(keyLow));
  putConstant(KEY1, i32x4.splat(keyHigh));
}

/** The first edge of the group whose turn it is. */
export let turnEdge: u32 = 0;

export function setTurn(group: u32): void {
  turnEdge = word(starts, word(groupStarts, group));
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
function putConstant(index: usize, value: v128): void {
  v128.store(constants + (index << 4), value);
}

export const ONE: usize = 0;
export const A: usize = 1;
/** −2ab */
export const PULL: usize = 2;
/** 2γb */
export const PUSH: usize = 3;
/** What keeps the push of a point that coincides finite. */
export const SOFT: usize = 4;
export const LIMIT: usize = 5;
export const MINUS_LIMIT: usize = 6;
export const RATE: usize = 7;
export const LEAST: usize = 8;
/** Of the powers. */
export const BIAS: usize = 9;
export const MANTISSA: usize = 10;
/** log2 on [1, 2), 6 numbers. */
export const LOG: usize = 11;
export const EXPONENT: usize = 17;
export const HIGHEST: usize = 18;
export const LOWEST: usize = 19;
export const MAGIC: usize = 20;
/** 2^r on [−½, ½], 5 numbers. */
export const EXP: usize = 21;

/** Of the random numbers and what they draw. */
export const KEY0: usize = 26;
export const KEY1: usize = 27;
export const MIX0: usize = 28;
export const MIX1: usize = 29;
export const COUNT: usize = 30;
export const UNIT: usize = 31;
export const BYTES: usize = 32;
export const BASE: usize = 33;
export const NEGATIVES: usize = 34;
/** Of the sampling, whose clock has 31 bits. */
export const CLOCK: usize = 35;
export const PHASE: usize = 36;
export const NOBODIES: usize = 37;
export const COUNTING: usize = 38;

/** The curve 1 / (1 + a·d^2b) and the strength of repulsion. After the rooms. */
export function setForces(a: f64, b: f64, gamma: f64): void {
  putConstant(ONE, f32x4.splat(1));
  putConstant(A, f32x4.splat(<f32>a));
  putConstant(PULL, f32x4.splat(<f32>(-2 * a * b)));
  putConstant(PUSH, f32x4.splat(<f32>(2 * gamma * b)));
  putConstant(SOFT, f32x4.splat(0.001));
  putConstant(LIMIT, f32x4.splat(4));
  putConstant(MINUS_LIMIT, f32x4.splat(-4));
  putConstant(LEAST, f32x4.splat(1e-30));
  putConstant(BIAS, i32x4.splat(127 << 23));
  putConstant(MANTISSA, i32x4.splat(0x007fffff));
  putConstant(LOG, f32x4.splat(-2.800364034687955));
  putConstant(LOG + 1, f32x4.splat(5.091710810995887));
  putConstant(LOG + 2, f32x4.splat(-3.5507929248381966));
  putConstant(LOG + 3, f32x4.splat(1.6311487635854625));
  putConstant(LOG + 4, f32x4.splat(-0.4165636865023928));
  putConstant(LOG + 5, f32x4.splat(0.044873610192140576));
  putConstant(EXPONENT, f32x4.splat(<f32>b));
  putConstant(HIGHEST, f32x4.splat(60));
  putConstant(LOWEST, f32x4.splat(-120));
  putConstant(MAGIC, f32x4.splat(12582912));
  putConstant(EXP, f32x4.splat(0.9999992614457123));
  putConstant(EXP + 1, f32x4.splat(0.6931218147366892));
  putConstant(EXP + 2, f32x4.splat(0.2402474482786362));
  putConstant(EXP + 3, f32x4.splat(0.055917860319387586));
  putConstant(EXP + 4, f32x4.splat(0.00957010191117129));
  putConstant(MIX0, i32x4.splat(0x7feb352d));
  putConstant(MIX1, i32x4.splat(0x846ca68b));
  putConstant(COUNT, i32x4.splat(targetCount));
  putConstant(UNIT, i32x4.splat(1));
  putConstant(BYTES, i32x4.splat(dims << 2));
  putConstant(BASE, i32x4.splat(<i32>targets));
  putConstant(NEGATIVES, i32x4.splat(negatives));
  putConstant(COUNTING, i32x4(0, 1, 2, 3));
  putConstant(NOBODIES, i32x4.splat(NOBODY));
  putConstant(PHASE, i32x4.splat(0x7fffffff));
}
