/** State of a thread, set once or once per epoch: addresses of arrays, and constants of the forces. */

/** Number of no edge, for lanes without one, and of the padding target, whose row precedes the first. */
export const PADDING: u32 = 0xffffffff;
/** Number of points processed in parallel, in quads of four. */
export const LANES: u32 = 16;
/** Bytes of a row of 32-bit words, one for each lane, and of a quad. */
export const ROW: usize = 64;
export const QUAD: usize = 16;
/** Offset of a hub in a row: the last quad. */
export const ALONE: usize = ROW - QUAD;
/** Number of points of a group that a thread takes at a time. */
export const PIECE: u32 = 128;
/** Number of edges that are tested at a time. The edges of a group, of a piece and of a hub start with a new chunk. */
export const CHUNK: u32 = 64;
/** Bytes of a prepared step of all lanes: addresses of targets, addresses of moves, and numbers of edges. */
export const STEP: usize = 3 * ROW;

export let groupStarts: usize = 0;
export let hubEnds: usize = 0;
export let starts: usize = 0;
export let tails: usize = 0;
export let rates: usize = 0;
export let points: u32 = 0;

export let gatherStarts: usize = 0;
export let receivers: usize = 0;
export let gatherRates: usize = 0;
export let senders: usize = 0;
/** Chunks of the sub-epoch's edges, 16 bytes each: bit mask of the due edges, and the row of `moves` of the first. */
export let chunks: usize = 0;
export let moves: usize = 0;
/** Row of `moves` that is not read. */
export let sink: u32 = 0;
/** Whether the targets are fixed, so that no moves are gathered. */
export let isFixed: bool = false;

export let targets: usize = 0;
export let targetCount: u32 = 0;
export let dims: u32 = 0;
export let negatives: u32 = 0;

/** Scratch of this thread for a piece: due edges, start of those of each point, points ranked by their number, and tally. */
export let due: usize = 0;
export let dueStarts: usize = 0;
export let ranked: usize = 0;
export let tally: usize = 0;
/** Prepared steps, and the end of those of each quad; the last quad ends last. */
export let ready: usize = 0;
export let quadEnds: usize = 0;
/** State of the lanes: numbers of the points as targets, and rows for each axis: positions, differences, sums of forces. */
export let selves: usize = 0;
export let here: usize = 0;
export let apart: usize = 0;
export let sums: usize = 0;
export let constants: usize = 0;
/** Addresses of the points drawn for a quad: rows of four, numbered from 1 to `negatives`. */
export let drawn: usize = 0;


export function setGraph(
  groupStarts_: usize, hubEnds_: usize, starts_: usize, tails_: usize, rates_: usize,
  points_: u32,
): void {
  groupStarts = groupStarts_;
  hubEnds = hubEnds_;
  starts = starts_;
  tails = tails_;
  rates = rates_;
  points = points_;
}

export function setReceivers(
  gatherStarts_: usize, receivers_: usize, gatherRates_: usize, senders_: usize, chunks_: usize, moves_: usize, sink_: u32,
  isFixed_: bool,
): void {
  gatherStarts = gatherStarts_;
  receivers = receivers_;
  gatherRates = gatherRates_;
  senders = senders_;
  isFixed = isFixed_;
  chunks = chunks_;
  moves = moves_;
  sink = sink_;
}

/** Sets the targets, which attract and repel: points at `at`, and the number drawn to repel for each sample of an edge. */
export function setTargets(at: usize, count: u32, dims_: u32, negatives_: u32): void {
  targets = at;
  targetCount = count;
  dims = dims_;
  negatives = negatives_;
}

const CONSTANT_BYTES: usize = 512;

/**
 * Lays out the scratch of this thread; to be called after `setTargets`. Size in bytes, where points that are not hubs have
 * at most E edges: 15360 + 708 · E + 192 · dims + 16 · negatives.
 */
export function setRoom(at: usize, mostEdges: u32): void {
  const most = <usize>mostEdges;
  const axes = ROW * <usize>dims;
  constants = at;
  drawn = constants + CONSTANT_BYTES;
  ready = drawn + (<usize>(negatives + 4) << 4);
  quadEnds = ready + (most + CHUNK) * STEP;
  selves = quadEnds + QUAD;
  here = selves + ROW;
  apart = here + axes;
  sums = apart + axes;
  dueStarts = sums + axes;
  ranked = dueStarts + (<usize>(PIECE + 1) << 2);
  tally = ranked + (<usize>PIECE << 2);
  due = tally + ((most + 3) << 2);
}

/** Sets the constants of an epoch, counted from 1; `keyLow` and `keyHigh` select the random numbers. */
export function setEpoch(epoch: u32, rate: f64, keyLow: u32, keyHigh: u32): void {
  putConstant(CLOCK, i32x4.splat(epoch));
  putConstant(RATE, f32x4.splat(<f32>rate));
  putConstant(KEY0, i32x4.splat(keyLow));
  putConstant(KEY1, i32x4.splat(keyHigh));
}

/** First edge of the group that moves in the sub-epoch. */
export let subEpochEdge: u32 = 0;

export function setSubEpoch(group: u32): void {
  subEpochEdge = word(starts, word(groupStarts, group));
}

// @ts-ignore: decorator
@inline
export function word(at: usize, index: u32): u32 {
  return load<u32>(at + (<usize>index << 2));
}

/**
 * Loads a constant. Constants lie in memory, four copies each, since the compilers of browser engines build a literal
 * anew, in three instructions, at every use.
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

export const RATE: usize = 0;
/** Limits to which gradients are clipped. */
export const LIMIT: usize = 1;
export const MINUS_LIMIT: usize = 2;
/** Addresses of the force tables, and squared distances below which gradients may have to be clipped. */
export const PULLS: usize = 3;
export const PUSHES: usize = 4;
export const PULLS_CLIPPED: usize = 5;
export const PUSHES_CLIPPED: usize = 6;

/** Constants of the random numbers and of drawing points. */
export const KEY0: usize = 7;
export const KEY1: usize = 8;
export const MIX0: usize = 9;
export const MIX1: usize = 10;
export const NEXT: usize = 11;
export const FIRST_FOUR: usize = 12;
export const NEXT_FOUR: usize = 13;
export const COUNT: usize = 14;
export const BYTES: usize = 15;
export const BASE: usize = 16;
export const COUNTING: usize = 17;
export const PADDINGS: usize = 18;
/** Constants of the sampling, whose clock has 31 bits. */
export const CLOCK: usize = 19;
export const PHASE: usize = 20;

/** Multiplier from one draw of an edge to the next, with good lattices (Steele and Vigna, 2021). */
const MULTIPLIER: i32 = 0xadb4a92d;

/**
 * Sets the force tables, and the squared distances below which gradients may have to be clipped; to be called after
 * `setTargets` and `setRoom`.
 */
export function setForces(pulls: usize, pushes: usize, pullsClipped: f32, pushesClipped: f32): void {
  putConstant(LIMIT, f32x4.splat(4));
  putConstant(MINUS_LIMIT, f32x4.splat(-4));
  putConstant(PULLS, i32x4.splat(<i32>pulls));
  putConstant(PULLS_CLIPPED, f32x4.splat(pullsClipped));
  putConstant(PUSHES, i32x4.splat(<i32>pushes));
  putConstant(PUSHES_CLIPPED, f32x4.splat(pushesClipped));
  putConstant(MIX0, i32x4.splat(0x7feb352d));
  putConstant(MIX1, i32x4.splat(0x846ca68b));
  const square = MULTIPLIER * MULTIPLIER;
  putConstant(NEXT, i32x4.splat(MULTIPLIER));
  const first = i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(1), 1, MULTIPLIER), 2, square);
  putConstant(FIRST_FOUR, i32x4.replace_lane(first, 3, square * MULTIPLIER));
  putConstant(NEXT_FOUR, i32x4.splat(square * square));
  putConstant(COUNT, i32x4.splat(targetCount));
  putConstant(BYTES, i32x4.splat(dims << 2));
  putConstant(BASE, i32x4.splat(<i32>targets));
  putConstant(COUNTING, i32x4(0, 1, 2, 3));
  putConstant(PADDINGS, i32x4.splat(PADDING));
  putConstant(PHASE, i32x4.splat(0x7fffffff));
}
