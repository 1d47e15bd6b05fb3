/**
 * Portable transcendental functions for a library, with the same bits on all machines. In Node 24's engine, `Math.pow` is
 * that of the C library (flag --use-std-math-pow), whose last bit depends on its version and on the processor; one such bit
 * makes gradient descent end in a different layout. While the callback runs, `Math.pow`, `Math.exp` and `Math.log` are
 * replaced by functions of basic arithmetic. The callback must be synchronous, so that no other code sees them.
 */
import { exp, log } from '../../../kernels/math.ts';

export function withPortableMath<T>(callback: () => T): T {
  const { pow: nativePow, exp: nativeExp, log: nativeLog } = Math;
  Math.pow = pow;
  Math.exp = exp;
  Math.log = log;
  try {
    return callback();
  } finally {
    Math.pow = nativePow;
    Math.exp = nativeExp;
    Math.log = nativeLog;
  }
}

/** Number of entries of a table, each of which covers an equal share of the mantissa, or of an octave. */
const STEPS = 128;
const STEP_BITS = 7;
const { LN2 } = Math;

const tables = /* @__PURE__ */ makeTables();
const bits = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8));

function makeTables() {
  /** Reciprocals of the middles of the mantissa's steps, and minus their logarithms. */
  const reciprocals = Float64Array.from({ length: STEPS }, (_, i) => 1 / (1 + (i + 0.5) / STEPS));
  const logarithms = reciprocals.map((reciprocal) => -log(reciprocal));
  /** 2^(i / STEPS), and 2^(i − 1023) for the exponents of normal numbers. */
  const roots = Float64Array.from({ length: STEPS }, (_, i) => exp((i / STEPS) * LN2));
  const powers = new Float64Array(2047);
  powers[1023] = 1;
  for (let i = 1024; i < 2047; i++) powers[i] = powers[i - 1] * 2;
  for (let i = 1022; i >= 0; i--) powers[i] = powers[i + 1] / 2;
  return { reciprocals, logarithms, roots, powers };
}

/**
 * Returns x to the power y, for x ≥ 0; squares are exact products. Nearly all the time of a layout is spent here, so
 * e^(y·ln x) is computed by tables and short series, three times as fast as by `exp` and `log`. The relative error is below
 * (2 + |y·ln x|) · 4 · 10⁻¹⁶.
 */
export function pow(x: number, y: number): number {
  if (y === 2) return x * x;
  if (!(x >= 1e-300 && x <= 1e300)) return powOfExtreme(x, y);
  const { reciprocals, logarithms, roots, powers } = tables;
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  const exponent = (high >>> 20) - 1023;
  const step = (high >>> (20 - STEP_BITS)) & (STEPS - 1);
  // ln x = exponent·ln 2 + ln(middle of the step) + ln(1 + r), |r| < 1/256
  const r = x * powers[1023 - exponent] * reciprocals[step] - 1;
  const series = r * (1 - r * (1 / 2 - r * (1 / 3 - r * (1 / 4 - r * (1 / 5 - r * (1 / 6))))));
  const t = y * (exponent * LN2 + (logarithms[step] + series));
  if (!(t > -700 && t < 700)) return exp(t);
  // e^t = 2^(n / STEPS) · e^s, |s| < ln 2 / 256
  const n = Math.floor(t * (STEPS / LN2) + 0.5);
  const s = t - n * (LN2 / STEPS);
  const rest = 1 + s * (1 + s * (1 / 2 + s * (1 / 6 + s * (1 / 24 + s * (1 / 120)))));
  return roots[n & (STEPS - 1)] * powers[(n >> STEP_BITS) + 1023] * rest;
}

function powOfExtreme(x: number, y: number): number {
  if (y === 0) return 1;
  if (x === 0) return y > 0 ? 0 : Number.POSITIVE_INFINITY;
  return exp(y * log(x));
}
