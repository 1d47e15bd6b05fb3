/**
 * The largest eigenpairs of a symmetric sparse matrix, with eigenvalues in [−1, 1] of which the
 * wanted ones lie close together near 1: block Davidson with Chebyshev filters (Zhou and Saad 2007; Zhou 2010).
 * The basis grows by the best approximations so far, after a polynomial of the matrix has damped in them
 * what is not wanted. It stays small, for most of the work is in the polynomials.
 *
 * A block of vectors at a time, so that an eigenvalue may repeat and none of its vectors is missed.
 */
import type { RandomStream } from '../flow/random.ts';
import { BLOCK, type Panel, PanelSpace, type SparseRows } from '../kernels/panels.ts';
import { randomPanel } from '../pca/panel.ts';
import { type Eigen, symmetricEigen } from '../pca/symmetric-eigen.ts';
import { combine, innerProducts, orthonormalize } from './basis.ts';

/** Panels the basis may have besides those of wanted vectors, and how many of these stay when it is cut back. */
const ROOM = 10;
const KEPT = 6;

/**
 * Everything below the approximate eigenvalue so many places behind the last wanted one is damped: the nearest
 * that a filter of moderate degree can tell from it. In a graph of many parts that hardly hang together, more
 * eigenvalues than are wanted crowd at 1, and it is cheaper to hold them all than to tell them apart.
 */
const PLACES_BEHIND = { least: 16, most: KEPT * BLOCK, step: BLOCK } as const;

/** The interval that is damped, [−1, cut], has some width. */
const LEAST_CUT = -0.5;

/** Logarithm of how much a filter strengthens the last wanted vector against what it damps. */
const STRENGTH = 4.5;
const DEGREES = { least: 8, moderate: 40, most: 300 } as const;

/** Products of a panel after which the approximations have to do. */
const MOST_PRODUCTS = 4000;

export interface DavidsonOptions {
  /** How many pairs, below n by several blocks. */
  readonly wanted: number;
  /** A unit eigenvector of the eigenvalue 1. It is not among the results. */
  readonly known: Float64Array;
  /** The residual ‖Av − θv‖ at which a pair with this θ stands. */
  readonly tolerance: (theta: number) => number;
  /** The residual that will do if the products run out. */
  readonly enough: (theta: number) => number;
  readonly mostProducts?: number;
  readonly random: RandomStream;
  /** Called after each block; may throw, or yield to others. */
  readonly afterBlock?: () => void | Promise<void>;
}

export interface Eigenpairs {
  /** Descending. */
  readonly values: Float64Array;
  /** n × wanted, row-major: unit eigenvectors, orthogonal to each other. */
  readonly vectors: Float64Array;
  /** Products of the matrix with a panel. */
  readonly products: number;
  /** False when the products ran out before all pairs were near enough. */
  readonly isConverged: boolean;
}

/** Panels of a full basis for so many wanted pairs. */
export const basisPanels = (wanted: number): number => Math.ceil(wanted / BLOCK) + ROOM;

/** Panels in use at most: a full basis and what it is cut back to, and what a filter makes. */
const mostPanels = (panels: number): number => 2 * panels - ROOM + KEPT + 4;

export async function largestEigenpairs(matrix: SparseRows, options: DavidsonOptions): Promise<Eigenpairs> {
  const { wanted, known, random, tolerance, enough, mostProducts = MOST_PRODUCTS } = options;
  const panels = basisPanels(wanted);
  const room = await PanelSpace.open(matrix, mostPanels(panels));
  const space = new RitzSpace(room, known, random);
  const start = room.take();
  start.set(randomPanel(room.rows, BLOCK, random).data);
  space.extend(start);
  for (;;) {
    await options.afterBlock?.();
    const { values } = space.eigen;
    if (space.size <= wanted) {
      const cut = Math.max(values[values.length - 1], LEAST_CUT);
      space.extend(filter(space, space.approximations(0), cut, DEGREES.least));
      continue;
    }
    const panel = firstUnfinished(space, wanted, tolerance);
    if (panel === undefined || space.products >= mostProducts) {
      const isConverged = panel === undefined || firstUnfinished(space, wanted, enough) === undefined;
      const { products } = space;
      return { values: values.slice(0, wanted), vectors: gather(space, wanted), products, isConverged };
    }
    const isFull = space.size === panels * BLOCK;
    const { cut, degree } = chooseFilter(values, wanted, isFull ? DEGREES.most : DEGREES.moderate);
    const filtered = filter(space, panel, cut, degree);
    if (isFull) space.cutBack(panels - ROOM + KEPT);
    space.extend(filtered);
  }
}

/** A basis and the matrix seen in it: the best approximations it holds are its Ritz pairs. */
class RitzSpace {
  readonly room: PanelSpace;
  readonly #known: Float64Array;
  readonly #random: RandomStream;
  #basis: Panel[] = [];
  /** Size × size. */
  #matrix = new Float64Array(0);
  products = 0;
  eigen: Eigen = { values: new Float64Array(0), vectors: new Float64Array(0) };

  constructor(room: PanelSpace, known: Float64Array, random: RandomStream) {
    this.room = room;
    this.#known = known;
    this.#random = random;
  }

  get size(): number {
    return this.#basis.length * BLOCK;
  }

  /** A X */
  image(x: Panel): Panel {
    const y = this.room.take();
    this.advance(x, y, 1, 0, 0);
    return y;
  }

  /** Y ← factor · (A X − shift · X) − decline · Y */
  advance(x: Panel, y: Panel, factor: number, shift: number, decline: number): void {
    this.room.advance(x, y, factor, shift, decline);
    this.products++;
  }

  /** Adds the directions of a panel, which becomes part of the basis. */
  extend(panel: Panel): void {
    orthonormalize(this.room, panel, this.#known, this.#basis, this.#random);
    this.#basis.push(panel);
    const image = this.image(panel);
    const column = innerProducts(this.room, this.#basis, image);
    this.room.giveBack(image);
    const { size } = this;
    const before = size - BLOCK;
    const matrix = new Float64Array(size * size);
    for (let r = 0; r < before; r++) {
      matrix.set(this.#matrix.subarray(r * before, (r + 1) * before), r * size);
    }
    for (let r = 0; r < size; r++) {
      for (let c = 0; c < BLOCK; c++) {
        matrix[r * size + before + c] = column[r * BLOCK + c];
        matrix[(before + c) * size + r] = column[r * BLOCK + c];
      }
    }
    this.#matrix = matrix;
    this.eigen = symmetricEigen(matrix, size);
  }

  /** Ritz vectors `first` … `first` + BLOCK − 1. */
  approximations(first: number): Panel {
    return combine(this.room, this.#basis, this.eigen.vectors, this.size, first);
  }

  /** Keeps the first panels of Ritz vectors, in place of the basis. */
  cutBack(panels: number): void {
    const kept = Array.from({ length: panels }, (_, b) => this.approximations(b * BLOCK));
    for (const panel of this.#basis) this.room.giveBack(panel);
    this.#basis = kept;
    const { size } = this;
    this.#matrix = new Float64Array(size * size);
    for (let i = 0; i < size; i++) this.#matrix[i * size + i] = this.eigen.values[i];
  }
}

/**
 * The first wanted Ritz pair that does not stand yet, as the panel of Ritz vectors that starts with it;
 * undefined if all stand.
 */
function firstUnfinished(
  space: RitzSpace,
  wanted: number,
  tolerance: (theta: number) => number,
): Panel | undefined {
  const { values } = space.eigen;
  for (let first = 0; first < wanted; first += BLOCK) {
    const panel = space.approximations(first);
    const residuals = residualNorms(space, panel, values.subarray(first));
    for (let c = 0; c < BLOCK && first + c < wanted; c++) {
      if (residuals[c] <= tolerance(values[first + c])) continue;
      if (c === 0) return panel;
      space.room.giveBack(panel);
      return space.approximations(first + c);
    }
    space.room.giveBack(panel);
  }
  return undefined;
}

/** ‖A v − θ v‖ for each column. */
function residualNorms(space: RitzSpace, panel: Panel, thetas: Float64Array): Float64Array {
  const image = space.image(panel);
  const squares = new Float64Array(BLOCK);
  for (let at = 0; at < panel.length; at += BLOCK) {
    for (let c = 0; c < BLOCK; c++) {
      const rest = image[at + c] - thetas[c] * panel[at + c];
      squares[c] += rest * rest;
    }
  }
  space.room.giveBack(image);
  return squares.map(Math.sqrt);
}

/** @param most no degree beyond this: while the basis has room, it is cheaper to extend it */
function chooseFilter(values: Float64Array, wanted: number, most: number): { cut: number; degree: number } {
  for (let behind: number = PLACES_BEHIND.least; ; behind += PLACES_BEHIND.step) {
    const place = Math.min(values.length - 1, wanted - 1 + behind);
    const cut = Math.max(values[place], LEAST_CUT);
    const degree = degreeFor(values[wanted - 1], cut);
    const isLast = place === values.length - 1 || behind >= PLACES_BEHIND.most;
    if (degree <= DEGREES.moderate || isLast) return { cut, degree: Math.min(degree, most) };
  }
}

/** The degree at which the Chebyshev polynomial for [−1, cut], about e^(degree · √(2·distance)) / 2, is strong at θ. */
function degreeFor(theta: number, cut: number): number {
  const distance = Math.max(0, theta - cut) / ((cut + 1) / 2);
  return Math.max(DEGREES.least, Math.ceil(STRENGTH / Math.sqrt(2 * distance)));
}

/**
 * p(A) X for the Chebyshev polynomial p of the interval [−1, cut], scaled to p(1) = 1 so that nothing overflows:
 * the part of X on eigenvalues in the interval becomes small against the part above it. X is overwritten.
 */
function filter(space: RitzSpace, x: Panel, cut: number, degree: number): Panel {
  const half = (cut + 1) / 2;
  const centre = (cut - 1) / 2;
  const first = half / (1 - centre);
  let scale = first;
  let previous = x;
  let current = space.room.take();
  space.advance(x, current, scale / half, centre, 0);
  for (let d = 2; d <= degree; d++) {
    const nextScale = 1 / (2 / first - scale);
    space.advance(current, previous, (2 * nextScale) / half, centre, scale * nextScale);
    [previous, current] = [current, previous];
    scale = nextScale;
  }
  space.room.giveBack(previous);
  return current;
}

function gather(space: RitzSpace, wanted: number): Float64Array {
  const { rows } = space.room;
  const vectors = new Float64Array(rows * wanted);
  for (let first = 0; first < wanted; first += BLOCK) {
    const panel = space.approximations(first);
    for (let i = 0; i < rows; i++) {
      for (let c = 0; c < BLOCK && first + c < wanted; c++) {
        vectors[i * wanted + first + c] = panel[i * BLOCK + c];
      }
    }
    space.room.giveBack(panel);
  }
  return vectors;
}
