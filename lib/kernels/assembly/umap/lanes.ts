/** Preparation of the lanes: points, and the edges of their next steps. */
import { dims, here, isFixed, LANES, moves, PADDING, ROW, selves, sink, STEP, tails, targets, word } from './state';

/**
 * Prepares the steps of a lane, from `at` on, for `count` edges, whose numbers are at `edges`. Their moves go to rows of
 * `moves` from `row` on.
 *
 * @returns the address of the lane's next step
 */
// @ts-ignore: decorator
@inline
export function layEdges(at: usize, edges: usize, count: u32, row: u32): usize {
  const bytes = dims << 2;
  const firstTarget = <u32>targets;
  const first = tails;
  let move = <u32>moves + (isFixed ? sink : row) * bytes;
  const next = isFixed ? 0 : bytes;
  for (const end = edges + (<usize>count << 2); edges < end; edges += 4) {
    const edge = load<u32>(edges);
    store<u32>(at, firstTarget + word(first, edge) * bytes);
    store<u32>(at, move, ROW);
    store<u32>(at, edge, 2 * ROW);
    move += next;
    at += STEP;
  }
  return at;
}

/** Prepares steps up to `end` with padding as targets, which neither attract nor repel. */
// @ts-ignore: decorator
@inline
export function layPadding(at: usize, end: usize): void {
  const bytes = dims << 2;
  for (; at < end; at += STEP) {
    store<u32>(at, <u32>targets + PADDING * bytes);
    store<u32>(at, <u32>moves + sink * bytes, ROW);
    store<u32>(at, PADDING, 2 * ROW);
  }
}

/** Loads a point into a lane; its position is read at `from`, the address of point 0. */
// @ts-ignore: decorator
@inline
export function enter(lane: u32, point: u32, from: usize): void {
  const at = from + <usize>(point * (dims << 2));
  for (let axis: u32 = 0; axis < dims; axis++) {
    store<f32>(here + (<usize>(axis * LANES + lane) << 2), load<f32>(at + (<usize>axis << 2)));
  }
  // The point itself is not among fixed targets.
  store<u32>(selves + (<usize>lane << 2), isFixed ? PADDING : point);
}

/** Writes the point in a lane at `to`, the address of point 0. */
// @ts-ignore: decorator
@inline
export function leave(lane: u32, point: u32, to: usize): void {
  const at = to + <usize>(point * (dims << 2));
  for (let axis: u32 = 0; axis < dims; axis++) {
    store<f32>(at + (<usize>axis << 2), load<f32>(here + (<usize>(axis * LANES + lane) << 2)));
  }
}
