/** The two phases of a turn: points of a group move, then all take the moves that were noted for them. */
import { walk } from './forces';
import { dims, groups, here, LANES, moves, order, sampled, segments, starts, word } from './state';
import { isSampled, line, sample } from './targets';

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
