/**
 * Orthonormal bases of long vectors, in panels of eight: wide enough that a sparse product reads its indices
 * once for all of them, and that sums stay in registers. Sums run in row order, in float64.
 */
import type { RandomStream } from '../flow/random.ts';
import { BLOCK, type Panel, type PanelSpace } from '../kernels/panels.ts';

/** A column that shrinks below this share when made orthogonal to others pointed nowhere new. */
const DEFLATION = 1e-11;

/** QᵀX for a basis Q in panels, (panels · BLOCK) × BLOCK. */
export function innerProducts(space: PanelSpace, basis: readonly Panel[], x: Panel): Float64Array {
  const products = new Float64Array(basis.length * BLOCK * BLOCK);
  for (const [b, q] of basis.entries()) space.innerProducts(q, x, products.subarray(b * BLOCK * BLOCK));
  return products;
}

/** Columns `first` … `first` + BLOCK − 1 of Q S for a basis Q in panels and S, size × size; 0 beyond the last. */
export function combine(
  space: PanelSpace,
  basis: readonly Panel[],
  s: Float64Array,
  size: number,
  first: number,
): Panel {
  const out = space.take();
  const factors = new Float64Array(BLOCK * BLOCK);
  for (const [b, q] of basis.entries()) {
    for (let r = 0; r < BLOCK; r++) {
      for (let c = 0; c < BLOCK; c++) {
        factors[r * BLOCK + c] = first + c < size ? s[(b * BLOCK + r) * size + first + c] : 0;
      }
    }
    space.addProduct(out, q, factors);
  }
  return out;
}

/**
 * Makes the columns of X orthonormal, and orthogonal to a unit vector and the basis. A column with (almost)
 * nothing new is replaced by a random direction.
 */
export function orthonormalize(
  space: PanelSpace,
  x: Panel,
  unit: Float64Array,
  basis: readonly Panel[],
  random: RandomStream,
): void {
  // Twice is enough: what the first pass leaves by cancellation, the second takes out.
  for (let clean = 0; clean < 2; ) {
    removeVector(x, unit);
    for (const q of basis) {
      const products = new Float64Array(BLOCK * BLOCK);
      space.innerProducts(q, x, products);
      for (let e = 0; e < products.length; e++) products[e] = -products[e];
      space.addProduct(x, q, products);
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
