/**
 * Returns the AUROC, P(a value of `a` is larger than one of `b`) + ½ P(equal), of values in ascending order; NaN if either
 * is empty.
 */
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
