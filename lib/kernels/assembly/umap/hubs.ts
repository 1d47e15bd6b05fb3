/** Hubs: points that sample very many edges, processed alone, which is faster for each than sixteen in parallel. */
import { walkAlone } from './forces';
import { enter, layEdges, layPadding, leave } from './lanes';
import { noteDue, sampledOf } from './sampling';
import { ALONE, CHUNK, due, LANES, rates, ready, ROW, starts, STEP, subEpochEdge, word } from './state';

/** Moves the hub `point`, read at `from` (the address of point 0) and written at `to`. */
export function moveHub(point: u32, from: usize, to: usize): void {
  for (let lane = LANES - 4; lane < LANES; lane++) enter(lane, point, from);
  for (let lane = ALONE + 4; lane < ROW; lane += 4) layPadding(ready + lane, ready + lane + CHUNK * STEP);
  const firstEdge = word(starts, point);
  const end = word(starts, point + 1);
  let row = firstEdge - subEpochEdge;
  for (let edge = firstEdge; edge < end; edge += CHUNK) {
    let bits = sampledOf(rates + (<usize>edge << 2));
    noteDue(edge, bits, row);
    let count: u32 = 0;
    for (; bits != 0; bits &= bits - 1) {
      store<u32>(due + (<usize>count << 2), edge + <u32>ctz(bits));
      count++;
    }
    walkAlone(ready, layEdges(ready + ALONE, due, count, row) - ALONE);
    row += count;
  }
  leave(LANES - 4, point, to);
}
