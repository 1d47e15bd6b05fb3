/**
 * Largest eigenvalues of a symmetric positive semidefinite operator, with their eigenvectors, by block Lanczos with full
 * reorthogonalisation (Golub and Underwood 1977; two passes of Gram–Schmidt after Giraud, Langou and Rozložník 2005). The
 * operator is only applied to a few vectors at a time.
 *
 * With a block instead of a single vector, an eigenvalue may repeat as often as the block is wide, and none of its vectors
 * is missed. The start is drawn from a fixed random stream, so results do not depend on the seed of a run.
 */
import { RandomStream } from '../../flow/random.ts';
import {
  columnNorm,
  innerProducts,
  longest,
  narrow,
  type Panel,
  randomPanel,
  subtractProduct,
} from './panel.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

const BLOCK = 8;

/**
 * Tolerance of convergence: every wanted pair has a residual ‖Cv − λv‖ ≤ TOLERANCE · λ₁. The error of an eigenvalue is
 * then at most the squared residual over the gap, and the angle of the wanted subspace at most the residual over the gap:
 * a gap of 10⁻⁴ λ₁ after the last wanted eigenvalue still gives the subspace to 10⁻⁵.
 */
const TOLERANCE = 1e-9;

/** Share of its length below which a direction, made orthogonal to the basis, counts as rounding error. */
const DEFLATION = 1e-12;

export interface Leading {
  /** Eigenvalues, descending, `wanted` of them. */
  readonly values: Float64Array;
  /** Orthonormal eigenvectors, n × wanted. */
  readonly vectors: Panel;
  /** Size of the basis at convergence. */
  readonly basis: number;
}

export interface LanczosHooks {
  /** Called after each block with the number of basis vectors so far. May throw, or yield to other work. */
  afterBlock?(basis: number): void | Promise<void>;
}

/**
 * Computes the largest eigenpairs of an operator C.
 *
 * @param n size of the operator
 * @param wanted number of pairs, at most n
 * @param apply returns C X for a panel X of n rows
 */
export async function leadingEigenpairs(
  n: number,
  wanted: number,
  apply: (x: Panel) => Panel,
  hooks: LanczosHooks = {},
): Promise<Leading> {
  const stream = new RandomStream(0x70636131, n);
  const basis = new Basis(n);
  /** Projections of C times block j on the basis up to and including block j: (start + width) × width. */
  const projections: Float64Array[] = [];
  let scale = 0;
  let checkAt = 2 * wanted + 4 * BLOCK;
  let next = basis.extension(randomPanel(n, Math.min(BLOCK, n), stream), 0, stream);
  for (;;) {
    basis.push(next);
    const image = apply(next);
    scale = Math.max(scale, longest(image, n));
    // The rest of the image gives the next directions, and the residuals of the basis.
    projections.push(basis.remove(image));
    await hooks.afterBlock?.(basis.size);

    const complete = basis.size === n;
    if (complete || basis.size >= checkAt) {
      const eigen = symmetricEigen(assemble(projections, basis), basis.size);
      const limit = TOLERANCE * Math.max(0, eigen.values[0]);
      if (complete || worstResidual(image, eigen.vectors, basis.size, wanted, n) <= limit) {
        return {
          values: eigen.values.slice(0, wanted),
          vectors: basis.combine(eigen.vectors, wanted),
          basis: basis.size,
        };
      }
      checkAt = Math.ceil(basis.size * 1.25);
    }
    next = basis.extension(narrow(image, n - basis.size, n), scale, stream);
  }
}

/** Basis of orthonormal vectors, in blocks. */
class Basis {
  readonly n: number;
  readonly blocks: Panel[] = [];
  size = 0;

  constructor(n: number) {
    this.n = n;
  }

  push(block: Panel): void {
    this.blocks.push(block);
    this.size += block.width;
  }

  /** Removes from X, in place, its part in the basis Q; returns QᵀX of the original X, size × width. */
  remove(x: Panel): Float64Array {
    const total = new Float64Array(this.size * x.width);
    // Two passes are enough: the second removes what the first leaves by cancellation.
    for (let pass = 0; pass < 2; pass++) {
      let start = 0;
      for (const block of this.blocks) {
        const inner = innerProducts(block, x, this.n);
        subtractProduct(x, block, inner, this.n);
        for (let i = 0; i < inner.length; i++) total[start * x.width + i] += inner[i];
        start += block.width;
      }
    }
    return total;
  }

  /**
   * Returns orthonormal columns that span X, orthogonal to the basis. A column of X that adds (almost) nothing, relative to
   * `scale`, is replaced by a random direction. X must be orthogonal to the basis up to rounding, and is overwritten.
   */
  extension(x: Panel, scale: number, stream: RandomStream): Panel {
    orthonormalize(x, this.n, DEFLATION * scale, (column) => {
      const fresh = randomPanel(this.n, 1, stream);
      this.remove(fresh);
      for (let i = 0; i < this.n; i++) x.data[i * x.width + column] = fresh.data[i];
    });
    // Scaling short columns to unit length also scaled up their rounding errors.
    this.remove(x);
    orthonormalize(x, this.n, 0, () => {});
    return x;
  }

  /** Computes Q S for the first `wanted` columns of the square matrix S. */
  combine(s: Float64Array, wanted: number): Panel {
    const data = new Float64Array(this.n * wanted);
    let start = 0;
    for (const block of this.blocks) {
      for (let i = 0; i < this.n; i++) {
        for (let b = 0; b < block.width; b++) {
          const q = block.data[i * block.width + b];
          const row = (start + b) * this.size;
          for (let c = 0; c < wanted; c++) data[i * wanted + c] += q * s[row + c];
        }
      }
      start += block.width;
    }
    return { width: wanted, data };
  }
}

/** Orthonormalises by modified Gram–Schmidt, twice per column. Columns of length ≤ limit are replaced by `replace`. */
function orthonormalize(x: Panel, n: number, limit: number, replace: (column: number) => void): void {
  const { width, data } = x;
  const clean = (column: number): number => {
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < column; other++) {
        let dot = 0;
        for (let i = 0; i < n; i++) dot += data[i * width + other] * data[i * width + column];
        for (let i = 0; i < n; i++) data[i * width + column] -= dot * data[i * width + other];
      }
    }
    return columnNorm(x, column, n);
  };
  for (let column = 0; column < width; column++) {
    let norm = clean(column);
    if (norm <= limit) {
      replace(column);
      norm = clean(column);
    }
    for (let i = 0; i < n; i++) data[i * width + column] /= norm;
  }
}

/** Assembles the operator in the basis, QᵀCQ, both triangles. */
function assemble(projections: Float64Array[], basis: Basis): Float64Array {
  const { size, blocks } = basis;
  const matrix = new Float64Array(size * size);
  let start = 0;
  for (const [j, projection] of projections.entries()) {
    const { width } = blocks[j];
    for (let row = 0; row < start + width; row++) {
      for (let c = 0; c < width; c++) {
        matrix[row * size + start + c] = projection[row * width + c];
        matrix[(start + c) * size + row] = projection[row * width + c];
      }
    }
    start += width;
  }
  return matrix;
}

/**
 * Computes the largest ‖Cv − λv‖ of the first `wanted` Ritz vectors. Since the rest R of the last image is the only part
 * of C·basis outside the basis, the residual is ‖R s‖, with s the vector's part on the last block.
 */
function worstResidual(rest: Panel, vectors: Float64Array, size: number, wanted: number, n: number): number {
  const { width } = rest;
  const gram = innerProducts(rest, rest, n);
  let worst = 0;
  for (let v = 0; v < wanted; v++) {
    let square = 0;
    for (let r = 0; r < width; r++) {
      const left = vectors[(size - width + r) * size + v];
      for (let c = 0; c < width; c++) {
        square += left * gram[r * width + c] * vectors[(size - width + c) * size + v];
      }
    }
    worst = Math.max(worst, Math.sqrt(Math.max(0, square)));
  }
  return worst;
}
