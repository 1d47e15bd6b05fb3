/**
 * Recovery of magnitudes from an encoding: cell2sentence's inverse (vandijklab/cell2sentence
 * src/cell2sentence/tasks.py). y = log10(1 + counts per 10,000) is predicted by a straight line in x, by least squares.
 * For an order, x = log10(1 + position), positions from 0, and only x < 3, the first 999 genes, is fitted; R² is over all
 * genes. For other encodings, x is the encoded value, and all genes are fitted.
 */

/** Bound of x below which positions are fitted. */
const FITTED_BELOW = 3;

export interface InverseLine {
  readonly slope: number;
  readonly intercept: number;
  /** R², 1 − SSE/SST, over the genes with an entry; NaN if their y are all equal. */
  readonly r2: number;
  /** R² over all genes that are read, where y of those without an entry is predicted to be 0, as the inverse does. */
  readonly r2Detected: number;
}

const NONE: InverseLine = {
  slope: Number.NaN,
  intercept: Number.NaN,
  r2: Number.NaN,
  r2Detected: Number.NaN,
};

/** Sums over points for a line; the sums of several cells can be added up. */
export class InverseSums {
  /** Sums n, Σx, Σy, Σx², Σxy of the fitted points. */
  readonly #fitted = new Float64Array(5);
  /** Sums n, Σx, Σy, Σx², Σxy, Σy² of all points. */
  readonly #all = new Float64Array(6);
  /** Sums n, Σy, Σy² of genes without an entry. */
  readonly #absent = new Float64Array(3);

  add(x: number, y: number, isPosition: boolean): void {
    const all = this.#all;
    all[0]++;
    all[1] += x;
    all[2] += y;
    all[3] += x * x;
    all[4] += x * y;
    all[5] += y * y;
    if (isPosition && x >= FITTED_BELOW) return;
    const fitted = this.#fitted;
    fitted[0]++;
    fitted[1] += x;
    fitted[2] += y;
    fitted[3] += x * x;
    fitted[4] += x * y;
  }

  addAbsent(y: number): void {
    this.#absent[0]++;
    this.#absent[1] += y;
    this.#absent[2] += y * y;
  }

  addSums(other: InverseSums): void {
    for (let i = 0; i < 5; i++) this.#fitted[i] += other.#fitted[i];
    for (let i = 0; i < 6; i++) this.#all[i] += other.#all[i];
    for (let i = 0; i < 3; i++) this.#absent[i] += other.#absent[i];
  }

  clear(): void {
    this.#fitted.fill(0);
    this.#all.fill(0);
    this.#absent.fill(0);
  }

  /** Number of points. */
  get n(): number {
    return this.#all[0];
  }

  /** Fits the line; all numbers are NaN if there are fewer than two different x. */
  line(): InverseLine {
    const [n, sx, sy, sxx, sxy] = this.#fitted;
    const spread = n * sxx - sx * sx;
    if (!(spread > n * sxx * NOTHING)) return NONE;
    const slope = (n * sxy - sx * sy) / spread;
    const intercept = (sy - slope * sx) / n;
    const [all, ax, ay, axx, axy, ayy] = this.#all;
    const sse =
      ayy -
      2 * intercept * ay -
      2 * slope * axy +
      all * intercept * intercept +
      2 * slope * intercept * ax +
      slope * slope * axx;
    const [absent, by, byy] = this.#absent;
    return {
      slope,
      intercept,
      r2: share(sse, all, ay, ayy),
      r2Detected: share(sse + byy, all + absent, ay + by, ayy + byy),
    };
  }
}

/** Relative size below which a difference of sums is rounding error. */
const NOTHING = 1e-12;

function share(sse: number, n: number, sum: number, squares: number): number {
  const sst = squares - (sum * sum) / n;
  return sst > squares * NOTHING ? 1 - Math.max(0, sse) / sst : Number.NaN;
}
