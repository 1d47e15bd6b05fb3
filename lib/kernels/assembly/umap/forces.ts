/** Attraction and repulsion: one step of the points in all lanes, in quads of four. */
import { goStepsAnywhere } from './anywhere';
import { draw, first } from './random';
import {
  ALONE, constant, COUNTING, dims, drawn, here, negatives, PADDINGS, PULLS, PULLS_CLIPPED, PUSHES, PUSHES_CLIPPED, QUAD,
  quadEnds, RATE, ROW, selves, STEP,
} from './state';
import { clipped, factorOf, isNear } from './tables';

/** Interleaves the first two numbers of two rows, or the last two (`high`), for the transposition of four rows. */
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

/**
 * Applies attraction by neighbours to a quad of points or, if `repels`, repulsion by points drawn at random, all from the
 * current position. With `alone`, all lanes belong to one point, whose edge is in the first lane, and draw for it. If
 * these flags and D, the `dims` from 1 to 5, are literals, the compiler removes the unused branches.
 */
// @ts-ignore: decorator
@inline
function act(repels: bool, alone: bool, D: i32, step: usize, quad: usize): void {
  const at = here + quad;
  const edges = v128.load(step + quad, 2 * ROW);
  if (repels) draw(alone, edges, v128.load(selves + quad));
  let s0 = i32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  for (let n = repels ? <i32>negatives : 1; n > 0; n -= repels && alone ? 4 : 1) {
    const targets = repels ? drawn + (<usize>n << 4) : step + quad;
    const a = <usize>load<u32>(targets);
    const b = <usize>load<u32>(targets, 4);
    const c = <usize>load<u32>(targets, 8);
    const d = <usize>load<u32>(targets, 12);
    let x0 = i32x4.splat(0);
    let x1 = x0;
    let x2 = x0;
    let x3 = x0;
    let x4 = x0;
    if (D == 1) {
      x0 = v128.load32_lane(d, v128.load32_lane(c, v128.load32_lane(b, v128.load32_zero(a), 1), 2), 3);
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
      if (D > 4) {
        const fifths = v128.load32_lane(b, v128.load32_zero(a, 16), 1, 16);
        x4 = v128.load32_lane(d, v128.load32_lane(c, fifths, 2, 16), 3, 16);
      }
    }
    x0 = f32x4.sub(v128.load(at), x0);
    if (D > 1) x1 = f32x4.sub(v128.load(at, ROW), x1);
    if (D > 2) x2 = f32x4.sub(v128.load(at, 2 * ROW), x2);
    if (D > 3) x3 = f32x4.sub(v128.load(at, 3 * ROW), x3);
    if (D > 4) x4 = f32x4.sub(v128.load(at, 4 * ROW), x4);
    let squared = f32x4.mul(x0, x0);
    if (D > 1) squared = f32x4.add(squared, f32x4.mul(x1, x1));
    if (D > 2) {
      let rest = f32x4.mul(x2, x2);
      if (D > 3) rest = f32x4.add(rest, f32x4.mul(x3, x3));
      squared = f32x4.add(squared, rest);
    }
    if (D > 4) squared = f32x4.add(squared, f32x4.mul(x4, x4));
    let factor = factorOf(repels ? PUSHES : PULLS, squared);
    if (repels && alone) factor = v128.and(factor, i32x4.lt_s(constant(COUNTING), i32x4.splat(n)));
    x0 = f32x4.mul(factor, x0);
    if (D > 1) x1 = f32x4.mul(factor, x1);
    if (D > 2) x2 = f32x4.mul(factor, x2);
    if (D > 3) x3 = f32x4.mul(factor, x3);
    if (D > 4) x4 = f32x4.mul(factor, x4);
    if (isNear(squared, repels ? PUSHES_CLIPPED : PULLS_CLIPPED)) {
      x0 = clipped(x0);
      if (D > 1) x1 = clipped(x1);
      if (D > 2) x2 = clipped(x2);
      if (D > 3) x3 = clipped(x3);
      if (D > 4) x4 = clipped(x4);
    }
    s0 = f32x4.add(s0, x0);
    if (D > 1) s1 = f32x4.add(s1, x1);
    if (D > 2) s2 = f32x4.add(s2, x2);
    if (D > 3) s3 = f32x4.add(s3, x3);
    if (D > 4) s4 = f32x4.add(s4, x4);
  }
  let rate = constant(RATE);
  // A lane without an edge must not be moved by repulsion; padding does not attract.
  if (repels && !alone) rate = v128.andnot(rate, i32x4.eq(edges, constant(PADDINGS)));
  s0 = f32x4.mul(s0, rate);
  if (D > 1) s1 = f32x4.mul(s1, rate);
  if (D > 2) s2 = f32x4.mul(s2, rate);
  if (D > 3) s3 = f32x4.mul(s3, rate);
  if (D > 4) s4 = f32x4.mul(s4, rate);
  if (!repels) {
    // The neighbours gather these moves with the opposite sign.
    const toA = <usize>load<u32>(step + quad, ROW);
    const toB = <usize>load<u32>(step + quad, ROW + 4);
    const toC = <usize>load<u32>(step + quad, ROW + 8);
    const toD = <usize>load<u32>(step + quad, ROW + 12);
    if (D == 1) {
      scatter(s0, toA, toB, toC, toD);
    } else {
      const lowAB = low(s0, s1);
      const lowCD = high(s0, s1);
      if (D < 4) {
        v128.store64_lane(toA, lowAB, 0);
        v128.store64_lane(toB, lowAB, 1);
        v128.store64_lane(toC, lowCD, 0);
        v128.store64_lane(toD, lowCD, 1);
        if (D == 3) scatter(s2, toA + 8, toB + 8, toC + 8, toD + 8);
      } else {
        const highAB = low(s2, s3);
        const highCD = high(s2, s3);
        v128.store(toA, firsts(lowAB, highAB));
        v128.store(toB, seconds(lowAB, highAB));
        v128.store(toC, firsts(lowCD, highCD));
        v128.store(toD, seconds(lowCD, highCD));
        if (D > 4) scatter(s4, toA + 16, toB + 16, toC + 16, toD + 16);
      }
    }
  }
  v128.store(at, f32x4.add(v128.load(at), goes(repels, alone, s0)));
  if (D > 1) v128.store(at, f32x4.add(v128.load(at, ROW), goes(repels, alone, s1)), ROW);
  if (D > 2) v128.store(at, f32x4.add(v128.load(at, 2 * ROW), goes(repels, alone, s2)), 2 * ROW);
  if (D > 3) v128.store(at, f32x4.add(v128.load(at, 3 * ROW), goes(repels, alone, s3)), 3 * ROW);
  if (D > 4) v128.store(at, f32x4.add(v128.load(at, 4 * ROW), goes(repels, alone, s4)), 4 * ROW);
}

/** Move of the point in each lane; if all lanes belong to one point, its total move. */
// @ts-ignore: decorator
@inline
function goes(repels: bool, alone: bool, step: v128): v128 {
  if (!alone) return step;
  if (!repels) return first(step);
  const pairs = f32x4.add(step, v128.shuffle<i32>(step, step, 2, 3, 0, 1));
  return f32x4.add(pairs, v128.shuffle<i32>(pairs, pairs, 1, 0, 3, 2));
}

// @ts-ignore: decorator
@inline
function scatter(x: v128, a: usize, b: usize, c: usize, d: usize): void {
  v128.store32_lane(a, x, 0);
  v128.store32_lane(b, x, 1);
  v128.store32_lane(c, x, 2);
  v128.store32_lane(d, x, 3);
}

/** Executes the prepared steps [step, end). Several quads per step keep the processor busy while loads of others wait. */
// @ts-ignore: decorator
@inline
function goSteps(D: i32, step: usize, end: usize): void {
  let first: usize = 0;
  for (; step < end; step += STEP) {
    while (<usize>load<u32>(quadEnds + (first >> 2)) <= step) first += QUAD;
    for (let quad = first; quad < ROW; quad += QUAD) act(false, false, D, step, quad);
    for (let quad = first; quad < ROW; quad += QUAD) act(true, false, D, step, quad);
  }
}

export function walk(step: usize, end: usize): void {
  if (dims == 5) goSteps(5, step, end);
  else if (dims == 2) goSteps(2, step, end);
  else if (dims == 3) goSteps(3, step, end);
  else if (dims == 4) goSteps(4, step, end);
  else if (dims == 1) goSteps(1, step, end);
  else goStepsAnywhere(step, end, 0);
}

// @ts-ignore: decorator
@inline
function goAlone(D: i32, step: usize, end: usize): void {
  for (; step < end; step += STEP) {
    act(false, true, D, step, ALONE);
    act(true, true, D, step, ALONE);
  }
}

/** Executes the steps of a point that fills a whole quad, with its edges in the first lane: faster for a hub. */
export function walkAlone(step: usize, end: usize): void {
  if (dims == 5) goAlone(5, step, end);
  else if (dims == 2) goAlone(2, step, end);
  else if (dims == 3) goAlone(3, step, end);
  else if (dims == 4) goAlone(4, step, end);
  else if (dims == 1) goAlone(1, step, end);
  else goStepsAnywhere(step, end, ALONE);
}
