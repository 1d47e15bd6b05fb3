/** What a step along an axis is made of, whatever the number of dimensions. */
import { power } from './power';
import {
  A, BASE, BYTES, constant, here, LEAST, LIMIT, MINUS_LIMIT, ONE, PULL, PUSH, RATE, ROW, SOFT,
} from './state';

// @ts-ignore: decorator
@inline
export function gather(a: usize, b: usize, c: usize, d: usize): v128 {
  return v128.load32_lane(d, v128.load32_lane(c, v128.load32_lane(b, v128.load32_zero(a), 1), 2), 3);
}

// @ts-ignore: decorator
@inline
export function addressesOf(targets: v128): v128 {
  return i32x4.add(constant(BASE), i32x4.mul(targets, constant(BYTES)));
}

// @ts-ignore: decorator
@inline
export function place(axis: usize, quad: usize): v128 {
  return v128.load(here + axis * ROW + quad);
}

/** Pull over distance: −2ab·d^2(b−1) / (1 + a·d^2b). */
// @ts-ignore: decorator
@inline
export function pull(squared: v128): v128 {
  const square = f32x4.pmax(squared, constant(LEAST));
  const raised = power(square);
  const below = f32x4.mul(square, f32x4.add(constant(ONE), f32x4.mul(constant(A), raised)));
  return f32x4.div(f32x4.mul(constant(PULL), raised), below);
}

/** Push over distance: 2γb / ((0.001 + d²)(1 + a·d^2b)). */
// @ts-ignore: decorator
@inline
export function push(squared: v128): v128 {
  const below = f32x4.mul(
    f32x4.add(constant(SOFT), squared),
    f32x4.add(constant(ONE), f32x4.mul(constant(A), power(squared))),
  );
  return f32x4.div(constant(PUSH), below);
}

/** A gradient clipped to ±4, as in umap-learn. */
// @ts-ignore: decorator
@inline
export function clipped(gradient: v128): v128 {
  return f32x4.pmax(f32x4.pmin(gradient, constant(LIMIT)), constant(MINUS_LIMIT));
}

/** Goes a step along an axis towards the neighbours, and notes it for them, who go as far the other way. */
// @ts-ignore: decorator
@inline
export function goBoth(axis: usize, quad: usize, gradient: v128, a: usize, b: usize, c: usize, d: usize): void {
  const step = f32x4.mul(clipped(gradient), constant(RATE));
  const at = here + axis * ROW + quad;
  v128.store(at, f32x4.add(v128.load(at), step));
  v128.store32_lane(a + (axis << 2), step, 0);
  v128.store32_lane(b + (axis << 2), step, 1);
  v128.store32_lane(c + (axis << 2), step, 2);
  v128.store32_lane(d + (axis << 2), step, 3);
}

// @ts-ignore: decorator
@inline
export function go(axis: usize, quad: usize, sum: v128, stays: v128): void {
  const at = here + axis * ROW + quad;
  v128.store(at, f32x4.add(v128.load(at), f32x4.mul(v128.andnot(sum, stays), constant(RATE))));
}
