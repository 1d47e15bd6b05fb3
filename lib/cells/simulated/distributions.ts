/**
 * Random variates from a stream of uniforms. Only IEEE basic operations and the program's own exp and log take part, so
 * the same stream gives the same variates on every engine.
 */
import type { RandomStream } from '../../flow/random.ts';
import { exp, log } from '../../kernels/math.ts';

/** Uniform over the open interval (0, 1), from 32 bits: never 0, so its logarithm is finite. */
function open(stream: RandomStream): number {
  return (stream.uint32() + 0.5) / 4294967296;
}

/** Standard normal, by Marsaglia's polar method (the second variate is dropped: no state to keep). */
export function normal(stream: RandomStream): number {
  for (;;) {
    const x = 2 * stream.float64() - 1;
    const y = 2 * stream.float64() - 1;
    const s = x * x + y * y;
    if (s > 0 && s < 1) return x * Math.sqrt((-2 * log(s)) / s);
  }
}

/** Gamma with the given shape (> 0) and scale 1 (Marsaglia and Tsang 2000). Mean and variance = shape. */
export function gamma(stream: RandomStream, shape: number): number {
  // Gamma(a) = Gamma(a + 1) · U^(1/a) for a < 1
  if (shape < 1) return gamma(stream, shape + 1) * exp(log(open(stream)) / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(stream);
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    if (log(open(stream)) < 0.5 * x * x + d - d * v + d * log(v)) return d * v;
  }
}

/** Mean below which counts are drawn by inversion, one uniform each; from this mean on, by rejection. */
const INVERSION_LIMIT = 10;

/** Poisson variate; inversion for small means, Hörmann's transformed rejection (PTRS, 1993) for large ones. */
export function poisson(stream: RandomStream, mean: number): number {
  if (mean <= 0) return 0;
  if (mean < INVERSION_LIMIT) return invert(stream.float64(), exp(-mean), (k) => mean / (k + 1));
  const root = Math.sqrt(mean);
  const logMean = log(mean);
  const b = 0.931 + 2.53 * root;
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const vr = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = stream.float64() - 0.5;
    const v = open(stream);
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (log((v * inverseAlpha) / (a / (us * us) + b)) <= k * logMean - mean - logFactorial(k)) return k;
  }
}

/**
 * Negative binomial variate: Poisson with a gamma-distributed mean. Mean `mean`, variance mean + mean² / size. Nearly all
 * entries of a sparse matrix are zero, and most of those are decided by one comparison: P(0) ≥ e^−mean ≥ 1 − mean.
 */
export function negativeBinomial(stream: RandomStream, mean: number, size: number): number {
  if (mean >= INVERSION_LIMIT) return poisson(stream, (gamma(stream, size) * mean) / size);
  const u = open(stream);
  if (u < 1 - mean) return 0;
  const zero = exp(-size * log(1 + mean / size));
  if (u < zero) return 0;
  const p = mean / (mean + size);
  return invert(u, zero, (k) => ((k + size) / (k + 1)) * p);
}

/** Count at which the cumulative probability passes u. `ratio(k)` is P(k + 1) / P(k). */
function invert(u: number, zero: number, ratio: (k: number) => number): number {
  let k = 0;
  let p = zero;
  let cumulative = zero;
  while (u >= cumulative) {
    p *= ratio(k++);
    const next = cumulative + p;
    // In the far tail rounding stops the sum short of u: what is left is less than 1e-16.
    if (next === cumulative && p < 1e-17) break;
    cumulative = next;
  }
  return k;
}

/** log k!, exact sums up to 9, Stirling's series above (error < 1e-12). */
function logFactorial(k: number): number {
  if (k < 10) {
    let product = 1;
    for (let i = 2; i <= k; i++) product *= i;
    return log(product);
  }
  const n = k + 1;
  const n2 = n * n;
  // lnΓ(n) = (n − ½) ln n − n + ½ ln 2π + 1/12n − 1/360n³ + 1/1260n⁵ − …
  return (n - 0.5) * log(n) - n + 0.9189385332046727 + (1 / 12 - (1 / 360 - 1 / (1260 * n2)) / n2) / n;
}
