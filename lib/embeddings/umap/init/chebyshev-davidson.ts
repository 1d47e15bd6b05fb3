/**
 * The largest eigenpairs of a symmetric sparse matrix, with eigenvalues in [−1, 1] of which the
 * wanted ones lie close together near 1: block Davidson with Chebyshev filters (Zhou and Saad 2007; Zhou 2010).
 * The basis grows by the best approximations so far, after a polynomial of the matrix has damped in them
 * what is not wanted. It stays small, for most of the work is in the polynomials.
 *
 * A block of vectors at a time, so that an eigenvalue may repeat and none of its vectors is missed. Every thread of the
 * space runs this program: what is long is shared out, what is small each computes for itself.
 */
import type { RandomStream } from '../../../flow/random.ts';
import { BLOCK, type Panel, type PanelSpace } from '../../../kernels/panels.ts';
import { type Eigen, symmetricEigen } from '../../pca/symmetric-eigen.ts';
import { Directions, factorsOf, orthonormalize } from './basis.ts';

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
  /** A pair stands when its residual ‖Av − θv‖ is at most this share of 1 − θ, or down to rounding errors. */
  readonly tolerance: number;
  /** As `tolerance`: what will do if the products run out. */
  readonly enough: number;
  readonly rounding: number;
  readonly mostProducts?: number;
  /** The same for all threads. */
  readonly random: RandomStream;
  /** Called after each block; may throw, or yield to others. */
  readonly afterBlock?: () => void | Promise<void>;
}

export interface Eigenpairs {
  /** Descending. */
  readonly values: Float64Array;
  /** Unit eigenvectors, orthogonal to each other and to the unit vector of the space: the columns of these, in order. */
  readonly vectors: readonly Panel[];
  /** Products of the matrix with a panel. */
  readonly products: number;
  /** False when the products ran out before all pairs were near enough. */
  readonly isConverged: boolean;
}

/** Panels of a full basis for so many wanted pairs. */
export const basisPanels = (wanted: number): number => Math.ceil(wanted / BLOCK) + ROOM;

/** Panels in use at most: a full basis, the two of a filter, and one that is compared with its image. */
export const mostPanels = (wanted: number): number => basisPanels(wanted) + 4;

/** @param room with a unit eigenvector of the eigenvalue 1, which is not among the results */
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

/** A basis and the matrix seen in it: the best approximations it holds are its Ritz pairs. */
class RitzSpace {
  readonly room: PanelSpace;
  readonly #directions: Directions;
  readonly basis: Panel[] = [];
  /** Size × size. */
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

  /** Begins with random directions. */
  start(): void {
    const panel = this.room.take();
    this.#directions.fill(
      this.room,
      panel,
      Array.from({ length: BLOCK }, (_, c) => c),
    );
    this.extend(panel);
  }

  /** Y ← factor · (A X − shift · X) − decline · Y */
  advance(x: Panel, y: Panel, factor: number, shift: number, decline: number): void {
    this.room.advance(x, y, factor, shift, decline);
    this.products++;
  }

  /** ‖A v − θ v‖ for each column of a panel. */
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

  /** Ritz vectors `first` … `first` + BLOCK − 1. */
  approximations(first: number): Panel {
    return this.room.combine(this.basis, factorsOf(this.eigen.vectors, this.size, first));
  }

  /** Keeps the first panels of Ritz vectors, in place of the basis. */
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
