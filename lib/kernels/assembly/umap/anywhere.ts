/** Attraction and repulsion in more dimensions than fit in registers: axes one after the other. */
import { drawn } from './random';
import {
  apart, constant, COUNT, dims, NEGATIVES, negatives, NOBODIES, QUAD, ROW, selves, STEP, sums, UNIT,
} from './state';
import { addressesOf, clipped, gather, go, goBoth, place, pull, push } from './steps';

/** Steps that lie ready from `step` on, for lanes up to a quad. */
export function goStepsAnywhere(step: usize, count: u32, lanes: usize): void {
  for (const end = step + <usize>count * STEP; step < end; step += STEP) {
    for (let quad: usize = 0; quad < lanes; quad += QUAD) {
      const at = step + quad;
      const factor = pull(squaresTo(load<u32>(at), load<u32>(at, 4), load<u32>(at, 8), load<u32>(at, 12), quad));
      const a = load<u32>(at, ROW);
      const b = load<u32>(at, ROW + 4);
      const c = load<u32>(at, ROW + 8);
      const d = load<u32>(at, ROW + 12);
      for (let axis: usize = 0; axis < <usize>dims; axis++) {
        goBoth(axis, quad, f32x4.mul(factor, v128.load(apart + axis * ROW + quad)), a, b, c, d);
      }
    }
    memory.fill(sums, 0, ROW * <usize>dims);
    for (let quad: usize = 0; quad < lanes; quad += QUAD) {
      const self = v128.load(selves + quad);
      const edges = v128.load(step + quad, 2 * ROW);
      let counters = i32x4.mul(edges, constant(NEGATIVES));
      for (let n: u32 = 0; n < negatives; n++) {
        const found = drawn(counters);
        counters = i32x4.add(counters, constant(UNIT));
        const address = addressesOf(v128.bitselect(constant(COUNT), found, i32x4.eq(found, self)));
        const a = <usize>i32x4.extract_lane(address, 0);
        const b = <usize>i32x4.extract_lane(address, 1);
        const c = <usize>i32x4.extract_lane(address, 2);
        const d = <usize>i32x4.extract_lane(address, 3);
        const factor = push(squaresTo(a, b, c, d, quad));
        for (let axis: usize = 0; axis < <usize>dims; axis++) {
          const at = axis * ROW + quad;
          v128.store(sums + at, f32x4.add(v128.load(sums + at), clipped(f32x4.mul(factor, v128.load(apart + at)))));
        }
      }
      const stays = i32x4.eq(edges, constant(NOBODIES));
      for (let axis: usize = 0; axis < <usize>dims; axis++) go(axis, quad, v128.load(sums + axis * ROW + quad), stays);
    }
  }
}

/** Squared distances of four points to targets; the differences go to `apart`. */
function squaresTo(a: usize, b: usize, c: usize, d: usize, quad: usize): v128 {
  let sum = i32x4.splat(0);
  for (let axis: usize = 0; axis < <usize>dims; axis++) {
    const at = axis << 2;
    const along = f32x4.sub(place(axis, quad), gather(a + at, b + at, c + at, d + at));
    v128.store(apart + axis * ROW + quad, along);
    sum = f32x4.add(sum, f32x4.mul(along, along));
  }
  return sum;
}
