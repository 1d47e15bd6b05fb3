/** Correlation of two lists of numbers of equal length, by values or by ranks. */
import { centredRanks, tieRuns, weightedCentredRanks } from './average-ranks.ts';

/**
 * Returns Spearman's ρ: Pearson's correlation of average ranks, like `scipy.stats.spearmanr`. NaN for constant values and
 * for fewer than two. No value may be NaN.
 */
export function spearman(xs: ArrayLike<number>, ys: ArrayLike<number>): number {
  const [a, b] = [xs, ys].map((values) => centredRanks(tieRuns(values), new Float64Array(values.length)));
  return correlationOfCentred(a, b);
}

/**
 * Returns Spearman's ρ as a function of weights: each point stands for as many equal points as its weight, a whole number.
 * The values are sorted only once. NaN for fewer than two different points, or if one side is constant.
 */
export function weightedSpearman(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
): (weights: Float64Array) => number {
  const [x, y] = [xs, ys].map(tieRuns);
  const [a, b] = [xs, ys].map(({ length }) => new Float64Array(length));
  return (weights) =>
    correlationOfCentred(weightedCentredRanks(x, weights, a), weightedCentredRanks(y, weights, b), weights);
}

/** Returns Pearson's correlation of values with mean 0; NaN if one side is constant. */
export function correlationOfCentred(a: Float64Array, b: Float64Array, weights?: Float64Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const weight = weights === undefined ? 1 : weights[i];
    ab += weight * a[i] * b[i];
    aa += weight * a[i] * a[i];
    bb += weight * b[i] * b[i];
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : Number.NaN;
}
