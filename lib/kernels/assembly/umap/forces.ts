/** Attraction and repulsion: a step of the points abreast, in quads of four. */
import { goStepsAnywhere } from './anywhere';
import { drawn } from './random';
import {
  constant, COUNT, COUNTING, dims, here, NEGATIVES, negatives, NOBODIES, QUAD, RATE, ROW, selves, STEP, UNIT,
} from './state';
import { addressesOf, clipped, gather, go, goBoth, place, pull, push } from './steps';

/** For turning four rows into columns: the first two numbers of two rows by turns; below, the last two. */
// @ts-ignore: decorator
@inline
function low(x: v128, y: v128): v128 {
  return v128.shuffle<i32>(x, y, 0, 4, 1, 5);
}

// @ts-ignore: decorator
@inline
function high(x: v128, y: v128): v128 {
  return v128.shuffle<i32>(x, y, 2, 6, 3, 7);
}

// @ts-ignore: decorator
@inline
function firsts(x: v128, y: v128): v128 {
  return v128.shuffle<i64>(x, y, 0, 2);
}

// @ts-ignore: decorator
@inline
function seconds(x: v128, y: v128): v128 {
  return v128.shuffle<i64>(x, y, 1, 3);
}

/** Four points are attracted by their neighbours, which lie ready at `step`. D is `dims`, from 1 to 5. */
// @ts-ignore: decorator
@inline
function attract(D: i32, step: usize, quad: usize): void {
  const a = <usize>load<u32>(step + quad);
  const b = <usize>load<u32>(step + quad, 4);
  const c = <usize>load<u32>(step + quad, 8);
  const d = <usize>load<u32>(step + quad, 12);
  let x0 = i32x4.splat(0);
  let x1 = x0;
  let x2 = x0;
  let x3 = x0;
  let x4 = x0;
  if (D == 1) {
    x0 = gather(a, b, c, d);
  } else if (D == 2) {
    const ab = v128.load64_lane(b, v128.load64_zero(a), 1);
    const cd = v128.load64_lane(d, v128.load64_zero(c), 1);
    x0 = v128.shuffle<i32>(ab, cd, 0, 2, 4, 6);
    x1 = v128.shuffle<i32>(ab, cd, 1, 3, 5, 7);
  } else {
    const rowA = v128.load(a);
    const rowB = v128.load(b);
    const rowC = v128.load(c);
    const rowD = v128.load(d);
    const lowAB = low(rowA, rowB);
    const lowCD = low(rowC, rowD);
    const highAB = high(rowA, rowB);
    const highCD = high(rowC, rowD);
    x0 = firsts(lowAB, lowCD);
    x1 = seconds(lowAB, lowCD);
    x2 = firsts(highAB, highCD);
    if (D > 3) x3 = seconds(highAB, highCD);
    if (D > 4) x4 = gather(a + 16, b + 16, c + 16, d + 16);
  }
  x0 = f32x4.sub(place(0, quad), x0);
  if (D > 1) x1 = f32x4.sub(place(1, quad), x1);
  if (D > 2) x2 = f32x4.sub(place(2, quad), x2);
  if (D > 3) x3 = f32x4.sub(place(3, quad), x3);
  if (D > 4) x4 = f32x4.sub(place(4, quad), x4);
  let squared = f32x4.mul(x0, x0);
  if (D > 1) squared = f32x4.add(squared, f32x4.mul(x1, x1));
  if (D > 2) squared = f32x4.add(squared, f32x4.mul(x2, x2));
  if (D > 3) squared = f32x4.add(squared, f32x4.mul(x3, x3));
  if (D > 4) squared = f32x4.add(squared, f32x4.mul(x4, x4));
  const factor = pull(squared);
  const toA = <usize>load<u32>(step + quad, ROW);
  const toB = <usize>load<u32>(step + quad, ROW + 4);
  const toC = <usize>load<u32>(step + quad, ROW + 8);
  const toD = <usize>load<u32>(step + quad, ROW + 12);
  goBoth(0, quad, f32x4.mul(factor, x0), toA, toB, toC, toD);
  if (D > 1) goBoth(1, quad, f32x4.mul(factor, x1), toA, toB, toC, toD);
  if (D > 2) goBoth(2, quad, f32x4.mul(factor, x2), toA, toB, toC, toD);
  if (D > 3) goBoth(3, quad, f32x4.mul(factor, x3), toA, toB, toC, toD);
  if (D > 4) goBoth(4, quad, f32x4.mul(factor, x4), toA, toB, toC, toD);
}

/** Four points are repelled by points drawn at random, all from where they stand; a point that draws itself, by nobody. */
// @ts-ignore: decorator
@inline
function repel(D: i32, step: usize, quad: usize): void {
  const self = v128.load(selves + quad);
  const edges = v128.load(step + quad, 2 * ROW);
  let counters = i32x4.mul(edges, constant(NEGATIVES));
  let s0 = i32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  for (let n: u32 = 0; n < negatives; n++) {
    const found = drawn(counters);
    counters = i32x4.add(counters, constant(UNIT));
    const address = addressesOf(v128.bitselect(constant(COUNT), found, i32x4.eq(found, self)));
    const a = <usize>i32x4.extract_lane(address, 0);
    const b = <usize>i32x4.extract_lane(address, 1);
    const c = <usize>i32x4.extract_lane(address, 2);
    const d = <usize>i32x4.extract_lane(address, 3);
    let x0 = i32x4.splat(0);
    let x1 = x0;
    let x2 = x0;
    let x3 = x0;
    let x4 = x0;
    if (D == 1) {
      x0 = gather(a, b, c, d);
    } else if (D == 2) {
      const ab = v128.load64_lane(b, v128.load64_zero(a), 1);
      const cd = v128.load64_lane(d, v128.load64_zero(c), 1);
      x0 = v128.shuffle<i32>(ab, cd, 0, 2, 4, 6);
      x1 = v128.shuffle<i32>(ab, cd, 1, 3, 5, 7);
    } else {
      const rowA = v128.load(a);
      const rowB = v128.load(b);
      const rowC = v128.load(c);
      const rowD = v128.load(d);
      const lowAB = low(rowA, rowB);
      const lowCD = low(rowC, rowD);
      const highAB = high(rowA, rowB);
      const highCD = high(rowC, rowD);
      x0 = firsts(lowAB, lowCD);
      x1 = seconds(lowAB, lowCD);
      x2 = firsts(highAB, highCD);
      if (D > 3) x3 = seconds(highAB, highCD);
      if (D > 4) x4 = gather(a + 16, b + 16, c + 16, d + 16);
    }
    x0 = f32x4.sub(place(0, quad), x0);
    if (D > 1) x1 = f32x4.sub(place(1, quad), x1);
    if (D > 2) x2 = f32x4.sub(place(2, quad), x2);
    if (D > 3) x3 = f32x4.sub(place(3, quad), x3);
    if (D > 4) x4 = f32x4.sub(place(4, quad), x4);
    let squared = f32x4.mul(x0, x0);
    if (D > 1) squared = f32x4.add(squared, f32x4.mul(x1, x1));
    if (D > 2) squared = f32x4.add(squared, f32x4.mul(x2, x2));
    if (D > 3) squared = f32x4.add(squared, f32x4.mul(x3, x3));
    if (D > 4) squared = f32x4.add(squared, f32x4.mul(x4, x4));
    const factor = push(squared);
    s0 = f32x4.add(s0, clipped(f32x4.mul(factor, x0)));
    if (D > 1) s1 = f32x4.add(s1, clipped(f32x4.mul(factor, x1)));
    if (D > 2) s2 = f32x4.add(s2, clipped(f32x4.mul(factor, x2)));
    if (D > 3) s3 = f32x4.add(s3, clipped(f32x4.mul(factor, x3)));
    if (D > 4) s4 = f32x4.add(s4, clipped(f32x4.mul(factor, x4)));
  }
  const stays = i32x4.eq(edges, constant(NOBODIES));
  go(0, quad, s0, stays);
  if (D > 1) go(1, quad, s1, stays);
  if (D > 2) go(2, quad, s2, stays);
  if (D > 3) go(3, quad, s3, stays);
  if (D > 4) go(4, quad, s4, stays);
}

// @ts-ignore: decorator
@inline
function alone(axis: usize): v128 {
  return v128.load32_splat(here + axis * ROW);
}

// @ts-ignore: decorator
@inline
function goAsOne(axis: usize, sum: v128): void {
  const pairs = f32x4.add(sum, v128.shuffle<i32>(sum, sum, 2, 3, 0, 1));
  const all = f32x4.add(pairs, v128.shuffle<i32>(pairs, pairs, 1, 0, 3, 2));
  const at = here + axis * ROW;
  v128.store(at, f32x4.add(v128.load(at), f32x4.mul(all, constant(RATE))));
}

/** The same for the point in the first lane alone, by four of its points at a time. */
// @ts-ignore: decorator
@inline
function repelOne(D: i32, step: usize): void {
  const self = v128.load32_splat(selves);
  let counters = i32x4.add(i32x4.splat(load<u32>(step, 2 * ROW) * negatives), constant(COUNTING));
  let s0 = i32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  for (let n: i32 = <i32>negatives; n > 0; n -= 4) {
    const found = drawn(counters);
    counters = i32x4.add(counters, i32x4.splat(4));
    const drawsToo = i32x4.lt_s(constant(COUNTING), i32x4.splat(n));
    const address = addressesOf(v128.bitselect(constant(COUNT), found, i32x4.eq(found, self)));
    const a = <usize>i32x4.extract_lane(address, 0);
    const b = <usize>i32x4.extract_lane(address, 1);
    const c = <usize>i32x4.extract_lane(address, 2);
    const d = <usize>i32x4.extract_lane(address, 3);
    let x0 = i32x4.splat(0);
    let x1 = x0;
    let x2 = x0;
    let x3 = x0;
    let x4 = x0;
    if (D == 1) {
      x0 = gather(a, b, c, d);
    } else if (D == 2) {
      const ab = v128.load64_lane(b, v128.load64_zero(a), 1);
      const cd = v128.load64_lane(d, v128.load64_zero(c), 1);
      x0 = v128.shuffle<i32>(ab, cd, 0, 2, 4, 6);
      x1 = v128.shuffle<i32>(ab, cd, 1, 3, 5, 7);
    } else {
      const rowA = v128.load(a);
      const rowB = v128.load(b);
      const rowC = v128.load(c);
      const rowD = v128.load(d);
      const lowAB = low(rowA, rowB);
      const lowCD = low(rowC, rowD);
      const highAB = high(rowA, rowB);
      const highCD = high(rowC, rowD);
      x0 = firsts(lowAB, lowCD);
      x1 = seconds(lowAB, lowCD);
      x2 = firsts(highAB, highCD);
      if (D > 3) x3 = seconds(highAB, highCD);
      if (D > 4) x4 = gather(a + 16, b + 16, c + 16, d + 16);
    }
    x0 = f32x4.sub(alone(0), x0);
    if (D > 1) x1 = f32x4.sub(alone(1), x1);
    if (D > 2) x2 = f32x4.sub(alone(2), x2);
    if (D > 3) x3 = f32x4.sub(alone(3), x3);
    if (D > 4) x4 = f32x4.sub(alone(4), x4);
    let squared = f32x4.mul(x0, x0);
    if (D > 1) squared = f32x4.add(squared, f32x4.mul(x1, x1));
    if (D > 2) squared = f32x4.add(squared, f32x4.mul(x2, x2));
    if (D > 3) squared = f32x4.add(squared, f32x4.mul(x3, x3));
    if (D > 4) squared = f32x4.add(squared, f32x4.mul(x4, x4));
    const factor = push(squared);
    s0 = f32x4.add(s0, v128.and(clipped(f32x4.mul(factor, x0)), drawsToo));
    if (D > 1) s1 = f32x4.add(s1, v128.and(clipped(f32x4.mul(factor, x1)), drawsToo));
    if (D > 2) s2 = f32x4.add(s2, v128.and(clipped(f32x4.mul(factor, x2)), drawsToo));
    if (D > 3) s3 = f32x4.add(s3, v128.and(clipped(f32x4.mul(factor, x3)), drawsToo));
    if (D > 4) s4 = f32x4.add(s4, v128.and(clipped(f32x4.mul(factor, x4)), drawsToo));
  }
  goAsOne(0, s0);
  if (D > 1) goAsOne(1, s1);
  if (D > 2) goAsOne(2, s2);
  if (D > 3) goAsOne(3, s3);
  if (D > 4) goAsOne(4, s4);
}

/** Steps that lie ready from `step` on, for lanes up to a quad. Quads keep the processor busy while others wait. */
// @ts-ignore: decorator
@inline
function goSteps(D: i32, step: usize, count: u32, lanes: usize): void {
  for (const end = step + <usize>count * STEP; step < end; step += STEP) {
    for (let quad: usize = 0; quad < lanes; quad += QUAD) attract(D, step, quad);
    for (let quad: usize = 0; quad < lanes; quad += QUAD) repel(D, step, quad);
  }
}

/** @param lanes in bytes of a row */
export function walk(step: usize, count: u32, lanes: usize): void {
  if (dims == 5) goSteps(5, step, count, lanes);
  else if (dims == 2) goSteps(2, step, count, lanes);
  else if (dims == 3) goSteps(3, step, count, lanes);
  else if (dims == 4) goSteps(4, step, count, lanes);
  else if (dims == 1) goSteps(1, step, count, lanes);
  else goStepsAnywhere(step, count, lanes);
}

// @ts-ignore: decorator
@inline
function goAlone(D: i32, step: usize, count: u32): void {
  for (const end = step + <usize>count * STEP; step < end; step += STEP) {
    attract(D, step, 0);
    repelOne(D, step);
  }
}

/** Steps of the point in the first lane alone, the other lanes of its quad having nobody: quicker for a hub. */
export function walkAlone(step: usize, count: u32): void {
  if (dims == 5) goAlone(5, step, count);
  else if (dims == 2) goAlone(2, step, count);
  else if (dims == 3) goAlone(3, step, count);
  else if (dims == 4) goAlone(4, step, count);
  else if (dims == 1) goAlone(1, step, count);
  else goStepsAnywhere(step, count, QUAD);
}
