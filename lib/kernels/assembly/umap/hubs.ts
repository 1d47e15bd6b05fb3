/** Points that sample very many edges: four abreast, which is quicker for each than sixteen. */
import { walk } from './forces';
import { enter, layEdge, layNobody, leave } from './lanes';
import { sampledOf } from './sampling';
import { CHUNK, HUB_LANES, hubs, order, QUAD, rates, ready, starts, STEP, turnEdge, word } from './state';

/** Steps that are made ready at a time. */
const STEPS: u32 = 32;

/** Of a lane: the next edge to be looked at, those before that are due, from the edge `base` on. */
const CURSOR: usize = 0;
const BASE: usize = 4;
const BITS: usize = 8;
/** The row of `moves` for the next that is. */
const NEXT_ROW: usize = 16;
const BYTES: usize = 24;

/** The hubs `first` … `last` − 1 in the plan's order, up to four; read at `from` (an address of point 0), written at `to`. */
export function moveHubs(first: u32, last: u32, from: usize, to: usize): void {
  for (let hub = first; hub < last; hub++) {
    enter(hub - first, word(order, hub), from);
    const lane = hubs + <usize>(hub - first) * BYTES;
    store<u32>(lane, word(starts, hub), CURSOR);
    store<u64>(lane, 0, BITS);
    store<u32>(lane, word(starts, hub) - turnEdge, NEXT_ROW);
  }
  for (;;) {
    let steps: u32 = 0;
    for (let lane: u32 = 0; lane < HUB_LANES; lane++) {
      const hub = first + lane;
      const filled = hub < last ? fill(lane, word(starts, hub + 1)) : 0;
      let at = ready + (<usize>lane << 2) + <usize>filled * STEP;
      for (let step = filled; step < STEPS; step++, at += STEP) layNobody(at);
      steps = max(steps, filled);
    }
    if (steps == 0) break;
    walk(ready, steps, QUAD);
  }
  for (let hub = first; hub < last; hub++) leave(hub - first, word(order, hub), to);
}

/** Readies the next edges of a lane that are due. @returns how many */
function fill(lane: u32, end: u32): u32 {
  const state = hubs + <usize>lane * BYTES;
  let bits = load<u64>(state, BITS);
  let at = ready + (<usize>lane << 2);
  let row = load<u32>(state, NEXT_ROW);
  let count: u32 = 0;
  while (count < STEPS) {
    if (bits == 0) {
      const cursor = load<u32>(state, CURSOR);
      if (cursor == end) break;
      const looked = min(end - cursor, CHUNK);
      bits = sampledOf(rates + (<usize>cursor << 2), looked);
      store<u32>(state, cursor, BASE);
      store<u32>(state, cursor + looked, CURSOR);
      continue;
    }
    layEdge(at, load<u32>(state, BASE) + <u32>ctz(bits), row++);
    bits &= bits - 1;
    at += STEP;
    count++;
  }
  store<u64>(state, bits, BITS);
  store<u32>(state, row, NEXT_ROW);
  return count;
}
