/** Attraction and repulsion in more dimensions than fit in registers, one axis after the other. */
import { draw } from './random';
import {
  ALONE, apart, constant, dims, drawn, here, negatives, PADDINGS, PULLS, PUSHES, QUAD, quadEnds, RATE, ROW, selves, STEP,
  sums,
} from './state';
import { clipped, factorOf } from './tables';

/** Executes the prepared steps [step, end), for the lanes from `firstQuad` on. */
export function goStepsAnywhere(step: usize, end: usize, firstQuad: usize): void {
  for (; step < end; step += STEP) {
    while (firstQuad < ALONE && <usize>load<u32>(quadEnds + (firstQuad >> 2)) <= step) firstQuad += QUAD;
    for (let quad = firstQuad; quad < ROW; quad += QUAD) {
      const at = step + quad;
      memory.fill(sums, 0, ROW * <usize>dims);
      addForces(PULLS, at, quad);
      go(quad, constant(RATE));
      for (let axis: usize = 0; axis < <usize>dims; axis++) {
        for (let lane: usize = 0; lane < QUAD; lane += 4) {
          store<f32>(<usize>load<u32>(at + lane, ROW) + (axis << 2), load<f32>(sums + axis * ROW + quad + lane));
        }
      }
    }
    for (let quad = firstQuad; quad < ROW; quad += QUAD) {
      const edges = v128.load(step + quad, 2 * ROW);
      draw(false, edges, v128.load(selves + quad));
      memory.fill(sums, 0, ROW * <usize>dims);
      for (let n = <usize>negatives; n > 0; n--) addForces(PUSHES, drawn + (n << 4), quad);
      go(quad, v128.andnot(constant(RATE), i32x4.eq(edges, constant(PADDINGS))));
    }
  }
}

/** Adds the forces of four targets, whose addresses are at `targets`, on the points of a quad to `sums`. */
function addForces(table: usize, targets: usize, quad: usize): void {
  const a = <usize>load<u32>(targets);
  const b = <usize>load<u32>(targets, 4);
  const c = <usize>load<u32>(targets, 8);
  const d = <usize>load<u32>(targets, 12);
  let squared = i32x4.splat(0);
  for (let axis: usize = 0; axis < <usize>dims; axis++) {
    const at = axis << 2;
    const ab = v128.load32_lane(b + at, v128.load32_zero(a + at), 1);
    const target = v128.load32_lane(d + at, v128.load32_lane(c + at, ab, 2), 3);
    const along = f32x4.sub(v128.load(here + axis * ROW + quad), target);
    v128.store(apart + axis * ROW + quad, along);
    squared = f32x4.add(squared, f32x4.mul(along, along));
  }
  const factor = factorOf(table, squared);
  for (let axis: usize = 0; axis < <usize>dims; axis++) {
    const at = axis * ROW + quad;
    v128.store(sums + at, f32x4.add(v128.load(sums + at), clipped(f32x4.mul(factor, v128.load(apart + at)))));
  }
}

/** Moves a quad by `sums` times the rate, and leaves that product in `sums`. */
function go(quad: usize, rate: v128): void {
  for (let axis: usize = 0; axis < <usize>dims; axis++) {
    const at = axis * ROW + quad;
    const step = f32x4.mul(v128.load(sums + at), rate);
    v128.store(sums + at, step);
    v128.store(here + at, f32x4.add(v128.load(here + at), step));
  }
}
