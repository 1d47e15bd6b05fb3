/** Second phase of a sub-epoch: all points gather the moves recorded for them. */
import { rowOf, sampledOf } from './sampling';
import { CHUNK, dims, gatherRates, gatherStarts, groupStarts, moves, points, receivers, senders, word } from './state';

/**
 * Gathers, for the points `first` … `end` − 1, the moves of the due edges of `group` whose other ends they are. Points of
 * the group itself start from their new positions, `moved`; the others from `positions`.
 */
export function gatherMoves(first: u32, end: u32, group: u32, positions: usize, moved: usize): void {
  const bytes = <usize>dims << 2;
  const firstMoved = max(first, word(groupStarts, group));
  const endMoved = min(end, word(groupStarts, group + 1));
  if (firstMoved < endMoved) {
    const from = <usize>firstMoved * bytes;
    memory.copy(positions + from, moved + from, <usize>endMoved * bytes - from);
  }
  const lastEdge = word(gatherStarts, group * points + end);
  for (let edge = word(gatherStarts, group * points + first); edge < lastEdge; edge += CHUNK) {
    let bits = sampledOf(gatherRates + (<usize>edge << 2));
    // Edges from `lastEdge` on belong to other points.
    if (lastEdge - edge < CHUNK) bits &= ((<u64>1) << (lastEdge - edge)) - 1;
    for (; bits != 0; bits &= bits - 1) {
      const taken = edge + <u32>ctz(bits);
      const to = positions + <usize>word(receivers, taken) * bytes;
      const from = moves + <usize>rowOf(word(senders, taken)) * bytes;
      let at: usize = 0;
      for (; at + 16 <= bytes; at += 16) {
        v128.store(to + at, f32x4.sub(v128.load(to + at), v128.load(from + at)));
      }
      for (; at < bytes; at += 4) {
        store<f32>(to + at, load<f32>(to + at) - load<f32>(from + at));
      }
    }
  }
}
