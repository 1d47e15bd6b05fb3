/**
 * Attraction and repulsion by squared distance, as tables of straight lines: the layout looks them up instead of
 * raising to powers. Steps are even shares of octaves, so that the top bits of a 32-bit float number them; a step
 * stands for each such number there is, so that every distance has one.
 */
import type { Curve } from '../curve.ts';
import { pow } from '../reference/portable-math.ts';

/** Each octave has 2^STEP_BITS steps. The kernel knows this (assembly/umap/tables.ts). */
const STEP_BITS = 6;
const STEPS = 1 << STEP_BITS;
/** Exponents of 32-bit floats: that of the first octave, and how many of them there are. */
const FIRST = -127;
const OCTAVES = 256;

/** Octaves in which forces are followed: nearer they are as at the least distance, farther there are none. */
const LEAST = -24;
const END = 40;
/** Below, forces count as 0: so weak that slopes would leave the normal numbers. */
const NEGLIGIBLE = 1e-20;
/** Where a line meets its curve, as shares of a step: errors between and beyond are as large (Chebyshev's nodes). */
const MEETS = [0.5 - Math.SQRT1_2 / 2, 0.5 + Math.SQRT1_2 / 2] as const;
/** What the gradient is clipped to along an axis, as in umap-learn. */
const LIMIT = 4;
/** Within a step, forces differ by less. */
const MARGIN = 1.1;

/** Force over distance, by which a difference of coordinates is multiplied to get the gradient. */
export type Factor = (squared: number) => number;

/** umap-learn's gradients: pull −2ab·d^2(b−1) / (1 + a·d^2b), push 2γb / ((0.001 + d²)(1 + a·d^2b)). */
export function forceFactors({ a, b }: Curve, repulsion: number): { pull: Factor; push: Factor } {
  return {
    pull: (squared) => (-2 * a * b * pow(squared, b - 1)) / (1 + a * pow(squared, b)),
    push: (squared) => (2 * repulsion * b) / ((0.001 + squared) * (1 + a * pow(squared, b))),
  };
}

export interface ForceTable {
  /** For each step value at 0 and slope of its line. */
  readonly lines: Float32Array;
  /** Squared distance from which on no axis of a gradient is clipped. */
  readonly clippedBelow: number;
}

/** Of a force that changes with distance by a power: errors below 2e-4 of it up to the third (minDist ≤ spread). */
export function forceTable(factor: Factor): ForceTable {
  const lines = new Float32Array(2 * OCTAVES * STEPS);
  const first = (LEAST - FIRST) * STEPS;
  let clippedBelow = 0;
  for (let step = first; step < (END - FIRST) * STEPS; step++) {
    const octave = 2 ** (FIRST + (step >> STEP_BITS));
    const from = 1 + (step % STEPS) / STEPS;
    const [x, y] = MEETS.map((meets) => octave * (from + meets / STEPS));
    const at = factor(x);
    const slope = (factor(y) - at) / (y - x);
    if (Math.abs(at) < NEGLIGIBLE) continue;
    lines[2 * step] = at - slope * x;
    lines[2 * step + 1] = slope;
    const end = octave * (from + 1 / STEPS);
    if (Math.abs(at) * MARGIN * Math.sqrt(end) > LIMIT) clippedBelow = end;
  }
  const nearest = factor(2 ** LEAST);
  for (let step = 0; step < first; step++) lines[2 * step] = nearest;
  return { lines, clippedBelow };
}
