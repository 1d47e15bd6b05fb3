/** The first phase of a turn: the points of a group move. */
import { walk } from './forces';
import { moveHub } from './hubs';
import { enter, layEdge, layNobody, leave } from './lanes';
import { findDue } from './sampling';
import {
  due, dueStarts, groupStarts, hubEnds, LANES, order, PIECE, ranked, ready, ROW, setTurn, starts,
  STEP, turnEdge, word,
} from './state';

/**
 * Moves points of `group`: its hubs first and then pieces of the others, as `queue` has it, a word that starts from
 * 0 and that the threads share. Read at `from` (an address of point 0) and written at `to`; the two may be one if
 * no target is among these points.
 */
export function movePoints(group: u32, queue: usize, from: usize, to: usize): void {
  setTurn(group);
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

/** Points `first` … `last` − 1 in the plan's order, those with about as many edges due abreast. */
function movePiece(first: u32, last: u32, from: usize, to: usize): void {
  const count = findDue(first, last);
  const firstRow = word(starts, first) - turnEdge;
  for (let rank: u32 = 0; rank < count; rank += LANES) {
    const abreast = min(LANES, count - rank);
    // The last has most.
    const longest = word(ranked, rank + abreast - 1);
    const steps = word(dueStarts, longest + 1) - word(dueStarts, longest);
    for (let lane: u32 = 0; lane < LANES; lane++) {
      let at = ready + (<usize>lane << 2);
      const end = at + <usize>steps * STEP;
      if (lane < abreast) {
        const i = word(ranked, rank + lane);
        enter(lane, word(order, first + i), from);
        const endDue = word(dueStarts, i + 1);
        for (let k = word(dueStarts, i); k < endDue; k++) {
          layEdge(at, word(due, k), firstRow + k);
          at += STEP;
        }
      }
      for (; at < end; at += STEP) layNobody(at);
    }
    walk(ready, steps, ROW);
    for (let lane: u32 = 0; lane < abreast; lane++) {
      leave(lane, word(order, first + word(ranked, rank + lane)), to);
    }
  }
}
