/** How much of one number another explains, and how well a number tells two groups apart. */

/** Sums over points of which both numbers are known, of differences from a centre that may change. */
export class Moments {
  n = 0;
  #xx = 0;
  #xy = 0;
  #yy = 0;

  /** Adds points [start, end), centred on their own means. */
  addCentred(xs: ArrayLike<number>, ys: ArrayLike<number>, start = 0, end = xs.length): void {
    let n = 0;
    let [meanX, meanY] = [0, 0];
    for (let i = start; i < end; i++) {
      if (Number.isNaN(xs[i]) || Number.isNaN(ys[i])) continue;
      n++;
      meanX += xs[i];
      meanY += ys[i];
    }
    if (n === 0) return;
    meanX /= n;
    meanY /= n;
    for (let i = start; i < end; i++) {
      if (Number.isNaN(xs[i]) || Number.isNaN(ys[i])) continue;
      const x = xs[i] - meanX;
      const y = ys[i] - meanY;
      this.#xx += x * x;
      this.#xy += x * y;
      this.#yy += y * y;
    }
    this.n += n;
  }

  /** Share of the variance of y that a straight line in x explains; NaN for fewer than 3 points, or if one is constant. */
  get r2(): number {
    const product = this.#xx * this.#yy;
    return this.n >= 3 && product > 0 ? Math.min(1, (this.#xy * this.#xy) / product) : Number.NaN;
  }
}

export function rSquared(xs: ArrayLike<number>, ys: ArrayLike<number>): { n: number; r2: number } {
  const moments = new Moments();
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
