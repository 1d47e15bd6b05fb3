/** What lies ready for the lanes: points, and the edges of their next steps. */
import {
  dims, here, isFixed, LANES, moves, NOBODY, nowhere, ROW, rowsOf, selves, tails, targets, turnEdge, word,
} from './state';

// @ts-ignore: decorator
@inline
function lay(at: usize, target: u32, row: u32, edge: u32): void {
  const bytes = dims << 2;
  store<u32>(at, <u32>targets + target * bytes);
  store<u32>(at, <u32>moves + row * bytes, ROW);
  store<u32>(at, edge, 2 * ROW);
}

/** Readies an edge, whose move goes to a row of `moves`: `at` is the lane's place in a step. */
// @ts-ignore: decorator
@inline
export function layEdge(at: usize, edge: u32, row: u32): void {
  if (isFixed) {
    lay(at, word(tails, edge), nowhere, edge);
  } else {
    lay(at, word(tails, edge), row, edge);
    store<u32>(rowsOf + (<usize>(edge - turnEdge) << 2), row);
  }
}

/** Readies a step in which nobody attracts and nobody repels. */
// @ts-ignore: decorator
@inline
export function layNobody(at: usize): void {
  lay(at, NOBODY, nowhere, NOBODY);
}

/** A point comes to stand in a lane; its place is read at `from`, an address of point 0. */
// @ts-ignore: decorator
@inline
export function enter(lane: u32, point: u32, from: usize): void {
  const at = from + <usize>(point * (dims << 2));
  for (let axis: u32 = 0; axis < dims; axis++) {
    store<f32>(here + (<usize>(axis * LANES + lane) << 2), load<f32>(at + (<usize>axis << 2)));
  }
  // Among targets that do not move it is none itself.
  store<u32>(selves + (<usize>lane << 2), isFixed ? NOBODY : point);
}

/** The point that stands in a lane is written at `to`, an address of point 0. */
// @ts-ignore: decorator
@inline
export function leave(lane: u32, point: u32, to: usize): void {
  const at = to + <usize>(point * (dims << 2));
  for (let axis: u32 = 0; axis < dims; axis++) {
    store<f32>(at + (<usize>axis << 2), load<f32>(here + (<usize>(axis * LANES + lane) << 2)));
  }
}
