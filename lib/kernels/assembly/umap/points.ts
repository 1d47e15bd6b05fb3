/** First phase of a sub-epoch: the points of a group move. */
import { walk } from './forces';
import { moveHub } from './hubs';
import { enter, layEdges, layPadding, leave } from './lanes';
import { findDue } from './sampling';
import {
  due, dueStarts, groupStarts, hubEnds, LANES, PIECE, quadEnds, ranked, ready, setSubEpoch, starts, STEP, subEpochEdge, word,
} from './state';

/**
 * Moves points of `group`: its hubs first and then pieces of the others, taken from `queue`, a word that starts at 0 and
 * is shared by the threads. Positions are read at `from` (the address of point 0) and written at `to`, which may be equal
 * if none of these points is a target.
 */
export function movePoints(group: u32, queue: usize, from: usize, to: usize): void {
  setSubEpoch(group);
  const first = word(groupStarts, group);
  const others = word(hubEnds, group);
  const end = word(groupStarts, group + 1);
  for (;;) {
    const taken = first + atomic.add<u32>(queue, 1);
    if (taken < others) {
      moveHub(taken, from, to);
    } else {
      const piece = others + (taken - others) * PIECE;
      if (piece >= end) break;
      movePiece(piece, min(piece + PIECE, end), from, to);
    }
  }
}

/** Number of due edges of the point at a rank. */
// @ts-ignore: decorator
@inline
function dueAt(rank: u32): u32 {
  const i = word(ranked, rank);
  return word(dueStarts, i + 1) - word(dueStarts, i);
}

/**
 * Moves the points `first` … `last` − 1, in parallel those with about the same number of due edges. Lanes may be empty
 * only in the first round, that of the points with the fewest.
 */
function movePiece(first: u32, last: u32, from: usize, to: usize): void {
  const count = findDue(first, last);
  const firstRow = word(starts, first) - subEpochEdge;
  let empty = (LANES - count % LANES) % LANES;
  for (let rank: u32 = 0; rank < count; rank += LANES - empty, empty = 0) {
    // The last lane of a quad has the most edges.
    for (let lane: u32 = 3; lane < LANES; lane += 4) {
      const steps = lane < empty ? 0 : dueAt(rank + lane - empty);
      store<u32>(quadEnds + (<usize>lane & ~3), <u32>(ready + <usize>steps * STEP));
    }
    for (let lane: u32 = 0; lane < LANES; lane++) {
      let at = ready + (<usize>lane << 2);
      const end = <usize>word(quadEnds, lane >> 2);
      if (lane >= empty) {
        const i = word(ranked, rank + lane - empty);
        enter(lane, first + i, from);
        const k = word(dueStarts, i);
        at = layEdges(at, due + (<usize>k << 2), word(dueStarts, i + 1) - k, firstRow + k);
      }
      layPadding(at, end);
    }
    walk(ready, <usize>word(quadEnds, 3));
    for (let lane = empty; lane < LANES; lane++) {
      leave(lane, first + word(ranked, rank + lane - empty), to);
    }
  }
}
