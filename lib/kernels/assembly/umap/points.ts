/** The first phase of a sub-epoch: the points of a group move. */
import { walk } from './forces';
import { moveHub } from './hubs';
import { enter, layEdges, layPadding, leave } from './lanes';
import { findDue } from './sampling';
import {
  due, dueStarts, groupStarts, hubEnds, LANES, PIECE, quadEnds, ranked, ready, setSubEpoch, starts, STEP, subEpochEdge, word,
} from './state';

/**
 * Moves points of `group`: its hubs first and then pieces of the others, as `queue` has it, a word that starts from
 * 0 and that the threads share. Read at `from` (an address of point 0) and written at `to`; the two may be one if
 * no target is among these points.
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

/** How many edges are due of the point that comes at a rank. */
// @ts-ignore: decorator
@inline
function dueAt(rank: u32): u32 {
  const i = word(ranked, rank);
  return word(dueStarts, i + 1) - word(dueStarts, i);
}

/** Points `first` … `last` − 1, those with about as many edges due abreast; those with fewest may leave lanes empty. */
function movePiece(first: u32, last: u32, from: usize, to: usize): void {
  const count = findDue(first, last);
  const firstRow = word(starts, first) - subEpochEdge;
  let empty = (LANES - count % LANES) % LANES;
  for (let rank: u32 = 0; rank < count; rank += LANES - empty, empty = 0) {
    // The last of a quad has most.
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
