/** How much of one number another explains, and how well a number tells two groups apart. */

/** Sums over points of one number y and some that may explain it, of differences from a centre that may change. */
export class Moments {
  n = 0;
  /** Sums of products: of y with itself, of each x with y, and of every x with every x. */
  #yy = 0;
  readonly #xy: number[];
  readonly #xx: number[][];

  /** @param xs how many numbers explain: 1 or 2 */
  constructor(xs: 1 | 2) {
    this.#xy = new Array<number>(xs).fill(0);
    this.#xx = this.#xy.map(() => new Array<number>(xs).fill(0));
  }

  /** Adds points [start, end), centred on their own means; those with a number missing are left out. */
  addCentred(xs: readonly ArrayLike<number>[], ys: ArrayLike<number>, start = 0, end = ys.length): void {
    const columns = [...xs, ys];
    const means = columns.map(() => 0);
    const isKnown = (i: number) => {
      let sum = 0;
      for (const column of columns) sum += column[i];
      return !Number.isNaN(sum);
    };
    let n = 0;
    for (let i = start; i < end; i++) {
      if (!isKnown(i)) continue;
      n++;
      for (let c = 0; c < columns.length; c++) means[c] += columns[c][i];
    }
    for (let c = 0; c < columns.length; c++) means[c] /= n;
    for (let i = start; i < end; i++) {
      if (!isKnown(i)) continue;
      const y = ys[i] - means[xs.length];
      this.#yy += y * y;
      for (let a = 0; a < xs.length; a++) {
        const x = xs[a][i] - means[a];
        this.#xy[a] += x * y;
        for (let b = 0; b < xs.length; b++) this.#xx[a][b] += x * (xs[b][i] - means[b]);
      }
    }
    this.n += n;
  }

  /**
   * Share of the variance of y that least squares in the xs explains. NaN if there are not two points more than xs, or
   * if y is constant, or an x is, or two are the same but for scale.
   */
  get r2(): number {
    const [a, b] = this.#xy;
    const [[aa, ab], [, bb]] =
      this.#xy.length === 1
        ? [
            [this.#xx[0][0], 0],
            [0, 1],
          ]
        : this.#xx;
    const explained = a * a * bb - 2 * a * (b ?? 0) * ab + (b ?? 0) * (b ?? 0) * aa;
    const spread = (aa * bb - ab * ab) * this.#yy;
    const known = this.n >= this.#xy.length + 2 && spread > aa * bb * this.#yy * 1e-12;
    return known ? Math.min(1, explained / spread) : Number.NaN;
  }
}

export function rSquared(xs: readonly ArrayLike<number>[], ys: ArrayLike<number>): { n: number; r2: number } {
  const moments = new Moments(xs.length as 1 | 2);
  moments.addCentred(xs, ys);
  return { n: moments.n, r2: moments.r2 };
}

/** P(a value of `a` is larger than one of `b`) + ½ P(equal), of values in ascending order; NaN if either is empty. */
export function auroc(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [below, upTo] = [0, 0];
  let wins = 0;
  for (let i = 0; i < a.length; i++) {
    while (below < b.length && b[below] < a[i]) below++;
    while (upTo < b.length && b[upTo] <= a[i]) upTo++;
    wins += (below + upTo) / 2;
  }
  return wins / (a.length * b.length);
}
