/** Points that sample very many edges: alone, which is quicker for each than sixteen abreast. */
import { walkAlone } from './forces';
import { enter, layEdge, layNobody, leave } from './lanes';
import { sampledOf } from './sampling';
import { CHUNK, order, QUAD, rates, ready, starts, STEP, turnEdge, word } from './state';

/** The hub at a place of the plan's order, read at `from` (an address of point 0), written at `to`. */
export function moveHub(place: u32, from: usize, to: usize): void {
  const point = word(order, place);
  for (let lane: u32 = 0; lane < 4; lane++) enter(lane, point, from);
  for (let lane: usize = 4; lane < QUAD; lane += 4) {
    for (let step: u32 = 0; step < CHUNK; step++) layNobody(ready + <usize>step * STEP + lane);
  }
  const firstEdge = word(starts, place);
  const end = word(starts, place + 1);
  let row = firstEdge - turnEdge;
  for (let edge = firstEdge; edge < end; edge += CHUNK) {
    let bits = sampledOf(rates + (<usize>edge << 2), min(end - edge, CHUNK));
    let step = ready;
    for (; bits != 0; bits &= bits - 1) {
      layEdge(step, edge + <u32>ctz(bits), row++);
      step += STEP;
    }
    walkAlone(ready, <u32>((step - ready) / STEP));
  }
  leave(0, point, to);
}
