/** Attraction and repulsion: the steps of eight points abreast, each along its list of targets. */
import { power } from './power';
import { addresses, apart, constant, dims, here, moves, negatives, receivers, ROW } from './state';

// @ts-ignore: decorator
@inline
function gather(a: usize, b: usize, c: usize, d: usize): v128 {
  return v128.load32_lane(d, v128.load32_lane(c, v128.load32_lane(b, v128.load32_zero(a), 1), 2), 3);
}

/** The difference of four points to their targets along one axis goes to `at`. @returns its squares */
// @ts-ignore: decorator
@inline
function difference(a: usize, b: usize, c: usize, d: usize, axis: usize, half: usize): v128 {
  const offset = axis << 2;
  const other = gather(a + offset, b + offset, c + offset, d + offset);
  const lanes = (axis << 5) + half;
  const along = f32x4.sub(v128.load(here + lanes), other);
  v128.store(apart + lanes, along);
  return f32x4.mul(along, along);
}

/** Squared distances of four points to their targets, listed at `k`. D is `dims`, or 6 if that is more. */
// @ts-ignore: decorator
@inline
function squares(D: i32, k: usize, half: usize): v128 {
  const a = <usize>load<u32>(k + half);
  const b = <usize>load<u32>(k + half, 4);
  const c = <usize>load<u32>(k + half, 8);
  const d = <usize>load<u32>(k + half, 12);
  let sum = difference(a, b, c, d, 0, half);
  if (D > 1) sum = f32x4.add(sum, difference(a, b, c, d, 1, half));
  if (D > 2) sum = f32x4.add(sum, difference(a, b, c, d, 2, half));
  if (D > 3) sum = f32x4.add(sum, difference(a, b, c, d, 3, half));
  if (D > 4) sum = f32x4.add(sum, difference(a, b, c, d, 4, half));
  if (D > 5) sum = f32x4.add(sum, difference(a, b, c, d, 5, half));
  if (D == 6) {
    for (let axis: u32 = 6; axis < dims; axis++) sum = f32x4.add(sum, difference(a, b, c, d, axis, half));
  }
  return sum;
}

/** Goes one step along an axis: the gradient, clipped to ±4 as in umap-learn, times the learning rate. */
// @ts-ignore: decorator
@inline
function go(axis: usize, half: usize, factor: v128, rate: v128): v128 {
  const lanes = (axis << 5) + half;
  const gradient = f32x4.mul(factor, v128.load(apart + lanes));
  const step = f32x4.mul(f32x4.pmax(f32x4.pmin(gradient, constant(27)), constant(28)), rate);
  v128.store(here + lanes, f32x4.add(v128.load(here + lanes), step));
  return step;
}

/** The same towards a neighbour, with the step noted for the neighbour, who goes as far the other way. */
// @ts-ignore: decorator
@inline
function goBoth(axis: usize, half: usize, factor: v128, rate: v128, a: usize, b: usize, c: usize, d: usize): void {
  const step = go(axis, half, factor, rate);
  v128.store32_lane(a + (axis << 2), step, 0);
  v128.store32_lane(b + (axis << 2), step, 1);
  v128.store32_lane(c + (axis << 2), step, 2);
  v128.store32_lane(d + (axis << 2), step, 3);
}

/** Four points are attracted by their targets: −2ab·d^2(b−1) / (1 + a·d^2b), nothing where they coincide. */
// @ts-ignore: decorator
@inline
function attract(D: i32, k: usize, receiver: usize, half: usize, rate: v128): void {
  const squared = squares(D, k, half);
  const raised = power(squared);
  const below = f32x4.mul(squared, f32x4.add(constant(3), f32x4.mul(constant(23), raised)));
  const quotient = f32x4.div(f32x4.mul(constant(24), raised), below);
  const factor = v128.and(quotient, f32x4.gt(squared, f32x4.splat(0)));
  const bytes = <usize>dims << 2;
  const a = moves + <usize>load<u32>(receiver + half) * bytes;
  const b = moves + <usize>load<u32>(receiver + half, 4) * bytes;
  const c = moves + <usize>load<u32>(receiver + half, 8) * bytes;
  const d = moves + <usize>load<u32>(receiver + half, 12) * bytes;
  goBoth(0, half, factor, rate, a, b, c, d);
  if (D > 1) goBoth(1, half, factor, rate, a, b, c, d);
  if (D > 2) goBoth(2, half, factor, rate, a, b, c, d);
  if (D > 3) goBoth(3, half, factor, rate, a, b, c, d);
  if (D > 4) goBoth(4, half, factor, rate, a, b, c, d);
  if (D > 5) goBoth(5, half, factor, rate, a, b, c, d);
  if (D == 6) {
    for (let axis: u32 = 6; axis < dims; axis++) goBoth(axis, half, factor, rate, a, b, c, d);
  }
}

/** Four points are repelled by their targets: 2γb / ((0.001 + d²)(1 + a·d^2b)), nothing where they coincide. */
// @ts-ignore: decorator
@inline
function repel(D: i32, k: usize, half: usize, rate: v128): void {
  const squared = squares(D, k, half);
  const raised = power(squared);
  const factor = f32x4.div(
    constant(25),
    f32x4.mul(
      f32x4.add(constant(26), squared),
      f32x4.add(constant(3), f32x4.mul(constant(23), raised)),
    ),
  );
  go(0, half, factor, rate);
  if (D > 1) go(1, half, factor, rate);
  if (D > 2) go(2, half, factor, rate);
  if (D > 3) go(3, half, factor, rate);
  if (D > 4) go(4, half, factor, rate);
  if (D > 5) go(5, half, factor, rate);
  if (D == 6) {
    for (let axis: u32 = 6; axis < dims; axis++) go(axis, half, factor, rate);
  }
}

/** Works off the targets of `edges` edges for the points abreast. The two halves keep the processor busy. */
// @ts-ignore: decorator
@inline
export function walk(D: i32, edges: u32): void {
  const rate = constant(29);
  const all = negatives;
  let k = addresses;
  let receiver = receivers;
  for (let e: u32 = 0; e < edges; e++) {
    attract(D, k, receiver, 0, rate);
    attract(D, k, receiver, 16, rate);
    k += ROW;
    for (let n: u32 = 0; n < all; n++) {
      repel(D, k, 0, rate);
      repel(D, k, 16, rate);
      k += ROW;
    }
    receiver += ROW;
  }
}
