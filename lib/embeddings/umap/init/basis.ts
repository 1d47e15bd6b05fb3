/**
 * Orthonormal bases of long vectors, in panels of eight: wide enough that a sparse product reads its indices once for all
 * of them, and narrow enough that sums stay in registers. All operations are in float64, on all threads of the space.
 *
 * Within a panel, orthonormalisation is Gram–Schmidt by way of the panel's Gram matrix (Cholesky QR), which reads the
 * panel once for all columns. It squares the condition number of the panel, so columns that nearly depend on others are
 * first made orthogonal to these, and are judged after their rest has been measured anew (Fukaya and others, 2020, shift
 * instead).
 */
import type { RandomStream } from '../../../flow/random.ts';
import { BLOCK, type Panel, type PanelSpace } from '../../../kernels/panels.ts';

/** Share of its length below which a column, made orthogonal to others, counts as linearly dependent. */
const DEFLATION = 1e-11;

/** Share of a column's square that must be new for its norm to be accurate enough from the Gram matrix. */
const NEW_SHARE = 1e-6;

/** Share of unit columns, and of their squares, that remains in the last pass needed. */
const LITTLE_LOST = 0.5;

/** Number of values of a word of random bits, which are enough for a direction. */
const WORDS = 2 ** 32;

const COLUMNS = /* @__PURE__ */ Array.from({ length: BLOCK }, (_, c) => c);

/** Source of random directions for replaced columns. Streams differ by the number of directions drawn so far. */
export class Directions {
  readonly #random: RandomStream;
  #drawn = 0;

  /** @param random stream, the same for all threads */
  constructor(random: RandomStream) {
    this.#random = random;
  }

  /** Fills the given columns of a panel with uniform random numbers over [−½, ½). */
  fill(space: PanelSpace, x: Panel, columns: readonly number[]): void {
    const values = space.view(x);
    const streams = columns.map(() => this.#random.at(this.#drawn++));
    space.forRanges((first, end, range) => {
      for (const [s, column] of columns.entries()) {
        const stream = streams[s].at(range);
        for (let i = first; i < end; i++) values[i * BLOCK + column] = stream.uint32() / WORDS - 0.5;
      }
    });
  }
}

/** Returns the factors of a basis for columns `first` … `first` + BLOCK − 1 of S, size × size; 0 beyond the last column. */
export function factorsOf(s: Float64Array, size: number, first: number): Float64Array {
  const factors = new Float64Array(size * BLOCK);
  for (let r = 0; r < size; r++) {
    for (let c = 0; c < BLOCK && first + c < size; c++) factors[r * BLOCK + c] = s[r * size + first + c];
  }
  return factors;
}

/**
 * Makes the columns of X orthonormal, and orthogonal to the unit vector of the space and the basis. A column that adds
 * (almost) nothing is replaced by a random direction.
 */
export function orthonormalize(
  space: PanelSpace,
  x: Panel,
  basis: readonly Panel[],
  directions: Directions,
): void {
  // Repeats until a pass changes almost nothing, usually the second: each pass removes what the previous one left by
  // cancellation.
  let products = space.innerProducts(basis, x);
  for (let isFirst = true; ; isFirst = false) {
    let gram = space.removeThenGram(basis, x, products);
    const norms = columnNorms(gram);
    let isLast = !isFirst && norms.every((norm) => norm >= LITTLE_LOST);
    let step = orthogonalStep(gram, COLUMNS);
    isLast &&= step.leastShare >= LITTLE_LOST;
    while (step.rest.length > 0) {
      gram = space.multiplyThenGram(x, step.factors);
      const left = columnNorms(gram);
      const lost = step.rest.filter((c) => !(left[c] > DEFLATION * norms[c]));
      if (lost.length > 0) {
        directions.fill(space, x, lost);
        gram = space.gram(x);
        for (const c of lost) norms[c] = Math.sqrt(gram[c * BLOCK + c]);
      }
      step = orthogonalStep(gram, [...step.done, ...step.rest]);
    }
    if (isLast) {
      space.multiply(x, step.factors);
      return;
    }
    products = space.multiplyThenInnerProducts(basis, x, step.factors);
  }
}

const columnNorms = (gram: Float64Array): number[] => COLUMNS.map((c) => Math.sqrt(gram[c * BLOCK + c]));

interface OrthogonalStep {
  /** Matrix to multiply the panel by, BLOCK × BLOCK. */
  readonly factors: Float64Array;
  /** Columns that become orthonormal. */
  readonly done: readonly number[];
  /** Columns that become orthogonal to those done before them, but not of unit length: their norms must be measured. */
  readonly rest: readonly number[];
  /** Smallest share of a column's square that is new. */
  readonly leastShare: number;
}

/** Performs Gram–Schmidt by the Gram matrix, in the given order of columns; columns without enough of their own are left. */
function orthogonalStep(gram: Float64Array, order: readonly number[]): OrthogonalStep {
  const norms = columnNorms(gram);
  /** Matrix whose column c expresses the new column c by the current columns. */
  const factors = new Float64Array(BLOCK * BLOCK);
  const done: number[] = [];
  const rest: number[] = [];
  let leastShare = 1;
  for (const c of order) {
    factors[c * BLOCK + c] = 1;
    let share = norms[c] > 0 ? 1 : 0;
    for (const q of done) {
      let product = 0;
      for (const r of COLUMNS) product += factors[r * BLOCK + q] * gram[r * BLOCK + c];
      for (const r of COLUMNS) factors[r * BLOCK + c] -= product * factors[r * BLOCK + q];
      if (norms[c] > 0) share -= (product / norms[c]) * (product / norms[c]);
    }
    leastShare = Math.min(leastShare, share);
    if (!(share >= NEW_SHARE)) {
      rest.push(c);
      continue;
    }
    const norm = norms[c] * Math.sqrt(share);
    for (const r of COLUMNS) factors[r * BLOCK + c] /= norm;
    done.push(c);
  }
  return { factors, done, rest, leastShare };
}
