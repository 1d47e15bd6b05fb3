/**
 * Largest eigenpairs of a symmetric sparse matrix with eigenvalues in [−1, 1], where the wanted eigenvalues are clustered
 * near 1: block Davidson with Chebyshev filters (Zhou and Saad 2007; Zhou 2010). The basis grows by the best approximations
 * so far, after a polynomial of the matrix has damped their unwanted parts. It stays small, since most of the work is in
 * the polynomials.
 *
 * A block of vectors is processed at a time, so that an eigenvalue may repeat and none of its vectors is missed. Every
 * thread of the space runs this program: operations on long vectors are divided, small ones are computed by each thread.
 */
import type { RandomStream } from '../../../flow/random.ts';
import { BLOCK, type Panel, type PanelSpace } from '../../../kernels/panels.ts';
import { type Eigen, symmetricEigen } from '../../pca/symmetric-eigen.ts';
import { Directions, factorsOf, orthonormalize } from './basis.ts';

/** Number of panels of the basis besides those of wanted vectors, and how many of these stay when it is cut back. */
const ROOM = 10;
const KEPT = 6;

/**
 * Distance in places between the last wanted eigenvalue and the approximate eigenvalue below which everything is damped:
 * the nearest that a filter of moderate degree can separate from it. In a graph of many weakly connected parts, more
 * eigenvalues than are wanted cluster at 1, and it is cheaper to keep them all than to separate them.
 */
const PLACES_BEHIND = { least: 16, most: KEPT * BLOCK, step: BLOCK } as const;

/** Least upper end of the damped interval [−1, cut], so that it has some width. */
const LEAST_CUT = -0.5;

/** Logarithm of the factor by which a filter amplifies the last wanted vector relative to the damped ones. */
const STRENGTH = 4.5;
const DEGREES = { least: 8, moderate: 40, most: 300 } as const;

/** Largest number of products with a panel, after which the approximations are accepted as they are. */
const MOST_PRODUCTS = 4000;

export interface DavidsonOptions {
  /** Number of pairs, smaller than n by several blocks. */
  readonly wanted: number;
  /** Tolerance of a pair: its residual ‖Av − θv‖ is at most this share of 1 − θ, or at most `rounding`. */
  readonly tolerance: number;
  /** Looser tolerance that still counts as converged if the products run out. */
  readonly enough: number;
  readonly rounding: number;
  readonly mostProducts?: number;
  /** Random stream, the same for all threads. */
  readonly random: RandomStream;
  /** Called after each block; may throw, or yield to other work. */
  readonly afterBlock?: () => void | Promise<void>;
}

export interface Eigenpairs {
  /** Eigenvalues, descending. */
  readonly values: Float64Array;
  /** Panels whose columns, in order, are orthonormal eigenvectors, also orthogonal to the unit vector of the space. */
  readonly vectors: readonly Panel[];
  /** Number of products of the matrix with a panel. */
  readonly products: number;
  /** Whether all pairs converged before the products ran out. */
  readonly isConverged: boolean;
}

/** Number of panels of a full basis, for a number of wanted pairs. */
export const basisPanels = (wanted: number): number => Math.ceil(wanted / BLOCK) + ROOM;

/** Largest number of panels in use: a full basis, the two of a filter, and one that is compared with its image. */
export const mostPanels = (wanted: number): number => basisPanels(wanted) + 4;

/**
 * Computes the largest eigenpairs, together with the other threads of the space.
 *
 * @param room space whose unit vector is an eigenvector of the eigenvalue 1, which is not among the results
 */
export async function largestEigenpairs(room: PanelSpace, options: DavidsonOptions): Promise<Eigenpairs> {
  const { wanted, tolerance, enough, rounding, mostProducts = MOST_PRODUCTS } = options;
  const panels = basisPanels(wanted);
  const space = new RitzSpace(room, new Directions(options.random));
  space.start();
  const unfinished = (share: number) =>
    firstUnfinished(space, wanted, (theta) => Math.max(rounding, share * (1 - theta)));
  for (;;) {
    await options.afterBlock?.();
    const { values } = space.eigen;
    if (space.size <= wanted) {
      const cut = Math.max(values[values.length - 1], LEAST_CUT);
      space.extend(filter(space, space.approximations(0), cut, DEGREES.least));
      continue;
    }
    const panel = unfinished(tolerance);
    if (panel === undefined || space.products >= mostProducts) {
      const isConverged = panel === undefined || unfinished(enough) === undefined;
      space.cutBack(Math.ceil(wanted / BLOCK));
      return {
        values: values.slice(0, wanted),
        vectors: space.basis,
        products: space.products,
        isConverged,
      };
    }
    const isFull = space.size === panels * BLOCK;
    const { cut, degree } = chooseFilter(values, wanted, isFull ? DEGREES.most : DEGREES.moderate);
    const filtered = filter(space, panel, cut, degree);
    if (isFull) space.cutBack(panels - ROOM + KEPT);
    space.extend(filtered);
  }
}

/** Basis with the projection of the matrix on it: its Ritz pairs are the best approximations in the basis. */
class RitzSpace {
  readonly room: PanelSpace;
  readonly #directions: Directions;
  readonly basis: Panel[] = [];
  /** Projected matrix, size × size. */
  #matrix = new Float64Array(0);
  products = 0;
  eigen: Eigen = { values: new Float64Array(0), vectors: new Float64Array(0) };

  constructor(room: PanelSpace, directions: Directions) {
    this.room = room;
    this.#directions = directions;
  }

  get size(): number {
    return this.basis.length * BLOCK;
  }

  /** Starts the basis with random directions. */
  start(): void {
    const panel = this.room.take();
    this.#directions.fill(
      this.room,
      panel,
      Array.from({ length: BLOCK }, (_, c) => c),
    );
    this.extend(panel);
  }

  /** Computes Y ← factor · (A X − shift · X) − decline · Y. */
  advance(x: Panel, y: Panel, factor: number, shift: number, decline: number): void {
    this.room.advance(x, y, factor, shift, decline);
    this.products++;
  }

  /** Computes ‖A v − θ v‖ for each column of a panel. */
  residualNorms(panel: Panel, thetas: Float64Array): Float64Array {
    this.products++;
    return this.room.squaredResiduals(panel, thetas).map(Math.sqrt);
  }

  /** Adds the directions of a panel, which becomes part of the basis. */
  extend(panel: Panel): void {
    orthonormalize(this.room, panel, this.basis, this.#directions);
    this.basis.push(panel);
    const column = this.room.imageProducts(this.basis, panel);
    this.products++;
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

  /** Returns the Ritz vectors `first` … `first` + BLOCK − 1. */
  approximations(first: number): Panel {
    return this.room.combine(this.basis, factorsOf(this.eigen.vectors, this.size, first));
  }

  /** Replaces the basis by the first panels of Ritz vectors. */
  cutBack(panels: number): void {
    const { size } = this;
    this.room.mix(
      this.basis,
      Array.from({ length: panels }, (_, b) => factorsOf(this.eigen.vectors, size, b * BLOCK)),
    );
    for (const panel of this.basis.splice(panels)) this.room.giveBack(panel);
    this.#matrix = new Float64Array(this.size * this.size);
    for (let i = 0; i < this.size; i++) this.#matrix[i * this.size + i] = this.eigen.values[i];
  }
}

/**
 * Returns the first wanted Ritz pair that has not converged, as the panel of Ritz vectors that starts with it; undefined
 * if all have converged.
 */
function firstUnfinished(
  space: RitzSpace,
  wanted: number,
  tolerance: (theta: number) => number,
): Panel | undefined {
  const { values } = space.eigen;
  for (let first = 0; first < wanted; first += BLOCK) {
    const panel = space.approximations(first);
    const residuals = space.residualNorms(panel, values.slice(first, first + BLOCK));
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

/** Chooses a filter. @param most largest degree: while the basis is not full, extending it is cheaper */
function chooseFilter(values: Float64Array, wanted: number, most: number): { cut: number; degree: number } {
  for (let behind: number = PLACES_BEHIND.least; ; behind += PLACES_BEHIND.step) {
    const place = Math.min(values.length - 1, wanted - 1 + behind);
    const cut = Math.max(values[place], LEAST_CUT);
    const degree = degreeFor(values[wanted - 1], cut);
    const isLast = place === values.length - 1 || behind >= PLACES_BEHIND.most;
    if (degree <= DEGREES.moderate || isLast) return { cut, degree: Math.min(degree, most) };
  }
}

/** Returns the degree at which the Chebyshev polynomial for [−1, cut], about e^(degree · √(2·distance)) / 2, is strong at θ. */
function degreeFor(theta: number, cut: number): number {
  const distance = Math.max(0, theta - cut) / ((cut + 1) / 2);
  return Math.max(DEGREES.least, Math.ceil(STRENGTH / Math.sqrt(2 * distance)));
}

/**
 * Computes p(A) X for the Chebyshev polynomial p of the interval [−1, cut], scaled to p(1) = 1 against overflow: the part
 * of X on eigenvalues in the interval becomes small relative to the part above it. X is overwritten.
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
