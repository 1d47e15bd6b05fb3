/** Which edges an epoch samples, which points repel, and the lists of targets that follow. */
import {
  addresses, clock, dims, drawn, groups, key0, key1, mirrors, negatives, nowhere, order, PHASE, receivers, ROW, rates,
  sampled, segments, starts, tails, tally, targetCount, targets, word,
} from './state';

// @ts-ignore: decorator
@inline
export function isSampled(edge: u32): bool {
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
export function line(lane: u32, point: u32, edges: usize, count: u32, most: u32): void {
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
export function sample(first: u32, end: u32, stride: u32): u32 {
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
