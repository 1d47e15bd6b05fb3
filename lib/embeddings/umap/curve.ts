/**
 * Curve 1 / (1 + a·d^(2b)), the membership of two points at distance d in the layout. a and b are fitted to the curve that
 * is 1 up to `minDist` and then decays as exp(−(d − minDist) / spread) (umap-learn's `find_ab_params`), by least squares
 * (Levenberg–Marquardt) from a = b = 1.
 */
import { exp, log } from '../../kernels/math.ts';

const POINTS = 300;
const MOST_STEPS = 500;
/** Relative tolerance of the fit: it has converged when a step changes a and b by less than this share. */
const TOLERANCE = 1e-12;

export interface Curve {
  readonly a: number;
  readonly b: number;
}

export function fitCurve(minDist: number, spread: number): Curve {
  const { a, b } = fitUnitCurve(minDist / spread);
  return { a: a * exp(-2 * b * log(spread)), b };
}

/**
 * Fits the curve with distances in units of `spread`, for which the start a = b = 1 is close: umap-learn's fit diverges for
 * some spreads.
 */
function fitUnitCurve(minDist: number): Curve {
  const { x, y } = wanted(minDist);
  const logX = x.map(log);
  let a = 1;
  let b = 1;
  let normal = normalEquations(x, logX, y, a, b);
  let damping = 1e-3;
  for (let step = 0; step < MOST_STEPS; step++) {
    const { aa, ab, bb, ga, gb } = normal;
    const daa = aa * (1 + damping);
    const dbb = bb * (1 + damping);
    const determinant = daa * dbb - ab * ab;
    const da = (dbb * ga - ab * gb) / determinant;
    const db = (daa * gb - ab * ga) / determinant;
    const next = a + da > 0 ? normalEquations(x, logX, y, a + da, b + db) : undefined;
    const isBetter = next !== undefined && next.squares <= normal.squares;
    if (isBetter) {
      a += da;
      b += db;
      normal = next;
      damping /= 10;
    } else {
      damping *= 10;
    }
    if (Math.abs(da) <= TOLERANCE * a && Math.abs(db) <= TOLERANCE * Math.abs(b)) break;
  }
  return { a, b };
}

/** Returns the wanted curve at 300 points of [0, 3]. */
function wanted(minDist: number): { x: Float64Array; y: Float64Array } {
  const x = Float64Array.from({ length: POINTS }, (_, i) => (3 * i) / (POINTS - 1));
  return { x, y: x.map((d) => (d < minDist ? 1 : exp(minDist - d))) };
}

/** Computes the sum of squared residuals r = y − f, JᵀJ and Jᵀr, with J the derivatives of f by a and b. */
function normalEquations(x: Float64Array, logX: Float64Array, y: Float64Array, a: number, b: number) {
  let squares = 0;
  let aa = 0;
  let ab = 0;
  let bb = 0;
  let ga = 0;
  let gb = 0;
  for (let i = 0; i < x.length; i++) {
    const power = x[i] === 0 ? 0 : exp(2 * b * logX[i]);
    const f = 1 / (1 + a * power);
    const r = y[i] - f;
    const byA = -power * f * f;
    const byB = x[i] === 0 ? 0 : 2 * a * logX[i] * byA;
    squares += r * r;
    aa += byA * byA;
    ab += byA * byB;
    bb += byB * byB;
    ga += byA * r;
    gb += byB * r;
  }
  return { squares, aa, ab, bb, ga, gb };
}
