/**
 * Attraction and repulsion by squared distance, as tables of linear pieces, which the layout looks up instead of computing
 * powers. Steps are equal shares of octaves, so that the top bits of a 32-bit float are the number of its step. There is a
 * step for every such number, so that every distance has one.
 */
import type { Curve } from '../curve.ts';
import { pow } from '../reference/portable-math.ts';

/** Binary logarithm of the steps of an octave; the kernel relies on it (assembly/umap/tables.ts). */
const STEP_BITS = 6;
const STEPS = 1 << STEP_BITS;
/** Exponents of 32-bit floats: that of the first octave, and their number. */
const FIRST = -127;
const OCTAVES = 256;

/** Octaves with tabulated forces: below them, forces are those at the least distance; above them, forces are 0. */
const LEAST = -24;
const END = 40;
/** Size of forces below which they count as 0, since slopes would be subnormal. */
const NEGLIGIBLE = 1e-20;
/** Places where a line intersects its curve, as shares of a step: Chebyshev nodes, with equal errors between and beyond. */
const MEETS = [0.5 - Math.SQRT1_2 / 2, 0.5 + Math.SQRT1_2 / 2] as const;
/** Limit to which the gradient is clipped along an axis, as in umap-learn. */
const LIMIT = 4;
/** Upper bound of the ratio of forces within a step. */
const MARGIN = 1.1;

/** Force over distance, by which a difference of coordinates is multiplied to get the gradient. */
export type Factor = (squared: number) => number;

/**
 * Returns umap-learn's gradients as factors: attraction −2ab·d^2(b−1) / (1 + a·d^2b), repulsion
 * 2γb / ((0.001 + d²)(1 + a·d^2b)).
 */
export function forceFactors({ a, b }: Curve, repulsion: number): { pull: Factor; push: Factor } {
  return {
    pull: (squared) => (-2 * a * b * pow(squared, b - 1)) / (1 + a * pow(squared, b)),
    push: (squared) => (2 * repulsion * b) / ((0.001 + squared) * (1 + a * pow(squared, b))),
  };
}

export interface ForceTable {
  /** Value at 0 and slope of the line of each step. */
  readonly lines: Float32Array;
  /** Squared distance from which on no axis of a gradient is clipped. */
  readonly clippedBelow: number;
}

/**
 * Tabulates a force that changes by a power of the distance: relative errors are below 2e-4 for powers up to the third
 * (minDist ≤ spread).
 */
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
