/**
 * Orthonormal bases of long vectors, in panels of eight: wide enough that a sparse product reads its indices
 * once for all of them, and that sums stay in registers. In float64, on all threads of the space.
 *
 * Within a panel, Gram and Schmidt by way of its Gram matrix (Cholesky QR), which reads the panel once for
 * all columns. It squares the condition of the panel, so that columns which nearly depend on others are made orthogonal to these first, and
 * are judged when what is left of them has been measured anew (Fukaya and others, 2020, shift instead).
 */
import type { RandomStream } from '../../../flow/random.ts';
import { BLOCK, type Panel, type PanelSpace } from '../../../kernels/panels.ts';

/** A column that shrinks below this share when made orthogonal to others pointed nowhere new. */
const DEFLATION = 1e-11;

/** Of a column's square so much must be new for its norm to be known well enough from the Gram matrix. */
const NEW_SHARE = 1e-6;

/** Of unit columns, and of their squares, so much is left in a pass that needs no other. */
const LITTLE_LOST = 0.5;

/** Values of a word of random bits: enough for a direction. */
const WORDS = 2 ** 32;

const COLUMNS = /* @__PURE__ */ Array.from({ length: BLOCK }, (_, c) => c);

/** Random directions, for columns that are to be replaced. Streams are told apart by the number of the column. */
export class Directions {
  readonly #random: RandomStream;
  #drawn = 0;

  /** @param random the same for all threads */
  constructor(random: RandomStream) {
    this.#random = random;
  }

  /** Uniform over [−½, ½) in the given columns of a panel. */
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

/** Factors of the panels of a basis for columns `first` … `first` + BLOCK − 1 of S, size × size; 0 beyond the last. */
export function factorsOf(s: Float64Array, size: number, first: number): Float64Array {
  const factors = new Float64Array(size * BLOCK);
  for (let r = 0; r < size; r++) {
    for (let c = 0; c < BLOCK && first + c < size; c++) factors[r * BLOCK + c] = s[r * size + first + c];
  }
  return factors;
}

/**
 * Makes the columns of X orthonormal, and orthogonal to the unit vector of the space and the basis. A column with
 * (almost) nothing new is replaced by a random direction.
 */
export function orthonormalize(
  space: PanelSpace,
  x: Panel,
  basis: readonly Panel[],
  directions: Directions,
): void {
  // Passes until one finds almost nothing to do; mostly the second. What one leaves by cancellation, the next takes out.
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
  /** What to multiply the panel by, BLOCK × BLOCK. */
  readonly factors: Float64Array;
  /** Columns that become orthonormal. */
  readonly done: readonly number[];
  /** Columns that become orthogonal to those done before them, but not of unit length: their norms are to be measured. */
  readonly rest: readonly number[];
  /** The least share of a column's square that is new. */
  readonly leastShare: number;
}

/** Gram and Schmidt by the Gram matrix, on the columns in the given order that have enough of their own. */
function orthogonalStep(gram: Float64Array, order: readonly number[]): OrthogonalStep {
  const norms = columnNorms(gram);
  /** Column c: the vector that column c becomes, by the columns as they are. */
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
