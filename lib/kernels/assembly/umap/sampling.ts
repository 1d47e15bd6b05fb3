/** Sampling of edges in an epoch. */
import { CHUNK, chunks, CLOCK, constant, due, dueStarts, PHASE, ranked, rates, starts, subEpochEdge, tally, word } from './state';

/** Tests four edges whose rates are at `at`: the highest bit of a lane is set if its edge is due. */
// @ts-ignore: decorator
@inline
function dueFour(at: usize): v128 {
  const rate = v128.load(at);
  // Phase and rate are both from 0 to 2^31: the difference is negative if the phase is below the rate.
  return i32x4.sub(v128.and(i32x4.mul(constant(CLOCK), rate), constant(PHASE)), rate);
}

// @ts-ignore: decorator
@inline
function dueSixteen(at: usize): u64 {
  const low = i16x8.narrow_i32x4_s(dueFour(at), dueFour(at + 16));
  const high = i16x8.narrow_i32x4_s(dueFour(at + 32), dueFour(at + 48));
  return <u64><u32>i8x16.bitmask(i8x16.narrow_i16x8_s(low, high));
}

/** Bit mask of the due edges of a chunk whose rates are at `at`. */
// @ts-ignore: decorator
@inline
export function sampledOf(at: usize): u64 {
  const low = dueSixteen(at) | (dueSixteen(at + 64) << 16);
  return low | (dueSixteen(at + 128) << 32) | (dueSixteen(at + 192) << 48);
}

/** Records which of the edges from `edge` on are due, for `rowOf`. The move of the first due edge is in row `row`. */
// @ts-ignore: decorator
@inline
export function noteDue(edge: u32, bits: u64, row: u32): void {
  const chunk = chunks + (<usize>((edge - subEpochEdge) / CHUNK) << 4);
  store<u64>(chunk, bits);
  store<u32>(chunk, row, 8);
}

/** Row of the move of an edge (counted from the first of the sub-epoch): due edges have consecutive rows. */
// @ts-ignore: decorator
@inline
export function rowOf(edge: u32): u32 {
  const chunk = chunks + (<usize>(edge / CHUNK) << 4);
  const before = load<u64>(chunk) & (((<u64>1) << (edge % CHUNK)) - 1);
  return load<u32>(chunk, 8) + <u32>popcnt(before);
}

/**
 * Records which edges of the points `first` … `last` − 1 are due, and ranks the points by their number. No branch depends
 * on a point: mispredicted branches would cost more than all the rest.
 *
 * @returns the number of points
 */
// @ts-ignore: decorator
@inline
export function findDue(first: u32, last: u32): u32 {
  const firstEdge = word(starts, first);
  const endEdge = word(starts, last);
  let total: u32 = 0;
  const firstRow = firstEdge - subEpochEdge;
  for (let edge = firstEdge; edge < endEdge; edge += CHUNK) {
    let bits = sampledOf(rates + (<usize>edge << 2));
    noteDue(edge, bits, firstRow + total);
    for (; bits != 0; bits &= bits - 1) {
      store<u32>(due + (<usize>total << 2), edge + <u32>ctz(bits));
      total++;
    }
  }

  const count = last - first;
  let most: u32 = 0;
  let before: u32 = 0;
  store<u32>(dueStarts, 0);
  for (let i: u32 = 0; i < count; i++) {
    const end = word(starts, first + i + 1);
    // After the last edge of a piece there may be no chunk.
    const start = end == endEdge ? total : rowOf(end - subEpochEdge) - firstRow;
    store<u32>(dueStarts + (<usize>i << 2), start, 4);
    most = max(most, start - before);
    before = start;
  }
  rank(count, most);
  return count;
}

/** Ranks the points by their number of due edges, at most `most`, by a counting sort. */
// @ts-ignore: decorator
@inline
function rank(count: u32, most: u32): void {
  memory.fill(tally, 0, <usize>(most + 2) << 2);
  for (let i: u32 = 0; i < count; i++) {
    const bin = tally + (<usize>(word(dueStarts, i + 1) - word(dueStarts, i) + 1) << 2);
    store<u32>(bin, load<u32>(bin) + 1);
  }
  for (let bin = tally; bin < tally + (<usize>(most + 1) << 2); bin += 4) {
    store<u32>(bin, load<u32>(bin) + load<u32>(bin, 4), 4);
  }
  for (let i: u32 = 0; i < count; i++) {
    const bin = tally + (<usize>(word(dueStarts, i + 1) - word(dueStarts, i)) << 2);
    const place = load<u32>(bin);
    store<u32>(bin, place + 1);
    store<u32>(ranked + (<usize>place << 2), i);
  }
}
