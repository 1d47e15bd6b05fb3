/**
 * Orthonormal bases of long vectors, in panels of eight: wide enough that a sparse product reads its indices
 * once for all of them, and that sums stay in registers. Sums run in row order, in float64.
 */
import type { RandomStream } from '../flow/random.ts';

/** Vectors of a panel: entry (i, c) stands at i · BLOCK + c. The loops below are written out for this width. */
export const BLOCK = 8;

/** A column that shrinks below this share when made orthogonal to others pointed nowhere new. */
const DEFLATION = 1e-11;

/** QᵀX for a basis Q in panels, (panels · BLOCK) × BLOCK. */
export function innerProducts(basis: readonly Float64Array[], x: Float64Array): Float64Array {
  const products = new Float64Array(basis.length * BLOCK * BLOCK);
  for (const [b, q] of basis.entries()) panelProducts(q, x, products.subarray(b * BLOCK * BLOCK));
  return products;
}

/** Columns `first` … `first` + BLOCK − 1 of Q S for a basis Q in panels and S, size × size; 0 beyond the last. */
export function combine(
  basis: readonly Float64Array[],
  s: Float64Array,
  size: number,
  first: number,
): Float64Array<ArrayBuffer> {
  const out = new Float64Array(basis[0].length);
  const factors = new Float64Array(BLOCK * BLOCK);
  for (const [b, q] of basis.entries()) {
    for (let r = 0; r < BLOCK; r++) {
      for (let c = 0; c < BLOCK; c++) {
        factors[r * BLOCK + c] = first + c < size ? s[(b * BLOCK + r) * size + first + c] : 0;
      }
    }
    addProduct(out, q, factors);
  }
  return out;
}

/**
 * Makes the columns of X orthonormal, and orthogonal to a unit vector and the basis. A column with (almost)
 * nothing new is replaced by a random direction.
 */
export function orthonormalize(
  x: Float64Array,
  unit: Float64Array,
  basis: readonly Float64Array[],
  random: RandomStream,
): void {
  // Twice is enough: what the first pass leaves by cancellation, the second takes out.
  for (let clean = 0; clean < 2; ) {
    removeVector(x, unit);
    for (const q of basis) {
      const products = new Float64Array(BLOCK * BLOCK);
      panelProducts(q, x, products);
      for (let e = 0; e < products.length; e++) products[e] = -products[e];
      addProduct(x, q, products);
    }
    clean = orthonormalizeColumns(x, random, clean === 0) ? clean + 1 : 0;
  }
}

/** Gram and Schmidt. Of a first pass, columns are scaled before; false if one had to be replaced. */
function orthonormalizeColumns(x: Float64Array, random: RandomStream, first: boolean): boolean {
  let isClean = true;
  for (let c = 0; c < BLOCK; c++) {
    const before = first ? columnNorm(x, c) : 1;
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < c; other++) {
        let dot = 0;
        for (let at = 0; at < x.length; at += BLOCK) dot += x[at + other] * x[at + c];
        for (let at = 0; at < x.length; at += BLOCK) x[at + c] -= dot * x[at + other];
      }
    }
    let norm = columnNorm(x, c);
    if (!(norm > DEFLATION * before)) {
      isClean = false;
      for (let at = c; at < x.length; at += BLOCK) x[at] = random.float64() - 0.5;
      norm = columnNorm(x, c);
    }
    for (let at = c; at < x.length; at += BLOCK) x[at] /= norm;
  }
  return isClean;
}

function removeVector(x: Float64Array, unit: Float64Array): void {
  for (let c = 0; c < BLOCK; c++) {
    let dot = 0;
    for (let i = 0; i < unit.length; i++) dot += unit[i] * x[i * BLOCK + c];
    for (let i = 0; i < unit.length; i++) x[i * BLOCK + c] -= dot * unit[i];
  }
}

function columnNorm(x: Float64Array, column: number): number {
  let sum = 0;
  for (let at = column; at < x.length; at += BLOCK) sum += x[at] * x[at];
  return Math.sqrt(sum);
}

/** out = QᵀX, BLOCK × BLOCK. */
function panelProducts(q: Float64Array, x: Float64Array, out: Float64Array): void {
  for (let r = 0; r < BLOCK; r++) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let s4 = 0;
    let s5 = 0;
    let s6 = 0;
    let s7 = 0;
    for (let at = 0; at < x.length; at += BLOCK) {
      const value = q[at + r];
      s0 += value * x[at];
      s1 += value * x[at + 1];
      s2 += value * x[at + 2];
      s3 += value * x[at + 3];
      s4 += value * x[at + 4];
      s5 += value * x[at + 5];
      s6 += value * x[at + 6];
      s7 += value * x[at + 7];
    }
    out.set([s0, s1, s2, s3, s4, s5, s6, s7], r * BLOCK);
  }
}

/** Y ← Y + Q M, M BLOCK × BLOCK. */
function addProduct(y: Float64Array, q: Float64Array, m: Float64Array): void {
  for (let c = 0; c < BLOCK; c++) {
    const m0 = m[c];
    const m1 = m[c + 8];
    const m2 = m[c + 16];
    const m3 = m[c + 24];
    const m4 = m[c + 32];
    const m5 = m[c + 40];
    const m6 = m[c + 48];
    const m7 = m[c + 56];
    for (let at = 0; at < y.length; at += BLOCK) {
      y[at + c] +=
        q[at] * m0 +
        q[at + 1] * m1 +
        q[at + 2] * m2 +
        q[at + 3] * m3 +
        q[at + 4] * m4 +
        q[at + 5] * m5 +
        q[at + 6] * m6 +
        q[at + 7] * m7;
    }
  }
}
