/** Which edges an epoch samples. */
import { CHUNK, chunks, CLOCK, constant, due, dueStarts, PHASE, ranked, rates, starts, tally, word } from './state';

/** Of up to 64 edges whose rates stand at `at`, a bit each. */
// @ts-ignore: decorator
@inline
export function sampledOf(at: usize, count: u32): u64 {
  let bits: u64 = 0;
  for (let first: u32 = 0; first < count; first += 4) {
    const rate = v128.load(at + (<usize>first << 2));
    const due = i32x4.lt_u(v128.and(i32x4.mul(constant(CLOCK), rate), constant(PHASE)), rate);
    bits |= (<u64>i32x4.bitmask(due)) << first;
  }
  // Rates behind the last are of others.
  return bits & (~(<u64>0) >> (64 - count));
}

/**
 * Notes which edges of the points `first` … `last` − 1 (in the plan's order) are due, and ranks the points by how
 * many. No branch depends on a point: those that cannot be foretold would cost more than all the rest.
 *
 * @returns the number of points
 */
// @ts-ignore: decorator
@inline
export function findDue(first: u32, last: u32): u32 {
  const firstEdge = word(starts, first);
  const endEdge = word(starts, last);
  let total: u32 = 0;
  let chunk = chunks;
  for (let edge = firstEdge; edge < endEdge; edge += CHUNK) {
    let bits = sampledOf(rates + (<usize>edge << 2), min(endEdge - edge, CHUNK));
    store<u64>(chunk, bits);
    store<u32>(chunk, total, 8);
    chunk += 16;
    for (; bits != 0; bits &= bits - 1) {
      store<u32>(due + (<usize>total << 2), edge + <u32>ctz(bits));
      total++;
    }
  }
  store<u64>(chunk, 0);
  store<u32>(chunk, total, 8);

  const count = last - first;
  let most: u32 = 0;
  let before: u32 = 0;
  store<u32>(dueStarts, 0);
  for (let i: u32 = 0; i < count; i++) {
    const edge = word(starts, first + i + 1) - firstEdge;
    const at = chunks + (<usize>(edge / CHUNK) << 4);
    const below = load<u64>(at) & (((<u64>1) << (edge % CHUNK)) - 1);
    const start = load<u32>(at, 8) + <u32>popcnt(below);
    store<u32>(dueStarts + (<usize>i << 2), start, 4);
    most = max(most, start - before);
    before = start;
  }
  rank(count, most);
  return count;
}

/** Sorts the points by how many edges are due, up to `most`. */
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
