/** Share of the variance of a variable that one or two others explain by least squares. */

/**
 * Sums of squares and products over points: of a response y and one or two explanatory variables, a and b, each centred.
 * Every batch of points is centred on its own means.
 */
export class Moments {
  n = 0;
  readonly #explaining: 1 | 2;
  #yy = 0;
  #ay = 0;
  #by = 0;
  #aa = 0;
  #ab = 0;
  #bb = 0;

  constructor(explaining: 1 | 2) {
    this.#explaining = explaining;
  }

  /** Adds points [start, end), centred on their own means; points with a missing number are left out. */
  addCentred(xs: readonly ArrayLike<number>[], ys: ArrayLike<number>, start = 0, end = ys.length): void {
    const as = xs[0];
    const bs = xs.length > 1 ? xs[1] : undefined;
    let n = 0;
    let [meanA, meanB, meanY] = [0, 0, 0];
    for (let i = start; i < end; i++) {
      const b = bs === undefined ? 0 : bs[i];
      if (Number.isNaN(as[i] + b + ys[i])) continue;
      n++;
      meanA += as[i];
      meanB += b;
      meanY += ys[i];
    }
    meanA /= n;
    meanB /= n;
    meanY /= n;
    for (let i = start; i < end; i++) {
      const a = as[i] - meanA;
      const b = bs === undefined ? 0 : bs[i] - meanB;
      const y = ys[i] - meanY;
      if (Number.isNaN(a + b + y)) continue;
      this.#yy += y * y;
      this.#ay += a * y;
      this.#by += b * y;
      this.#aa += a * a;
      this.#ab += a * b;
      this.#bb += b * b;
    }
    this.n += n;
  }

  /**
   * Share of the variance of y that least squares explains. NaN if there are fewer points than two more than explanatory
   * variables, if y or an explanatory variable is constant, or if the explanatory variables are collinear.
   */
  get r2(): number {
    const alone = this.#explaining === 1;
    const bb = alone ? 1 : this.#bb;
    const explained =
      this.#ay * this.#ay * bb - 2 * this.#ay * this.#by * this.#ab + this.#by * this.#by * this.#aa;
    const spread = (this.#aa * bb - this.#ab * this.#ab) * this.#yy;
    const known = this.n >= this.#explaining + 2 && spread > this.#aa * bb * this.#yy * 1e-12;
    return known ? Math.min(1, explained / spread) : Number.NaN;
  }
}

/** Returns R² over the points without missing numbers, and their number. NaN in the same cases as `Moments.r2`. */
export function rSquared(xs: readonly ArrayLike<number>[], ys: ArrayLike<number>): { n: number; r2: number } {
  const moments = new Moments(xs.length as 1 | 2);
  moments.addCentred(xs, ys);
  return { n: moments.n, r2: moments.r2 };
}
