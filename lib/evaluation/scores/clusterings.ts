/** Agreement of two groupings of the same cells, as computed by scikit-learn. */
import { log } from '../../kernels/math.ts';
import { groupsOf } from './groups.ts';

/** Contingency table: number of cells in group i of one and group j of the other, row-major, with the group sizes. */
function contingency(a: readonly string[], b: readonly string[]) {
  const left = groupsOf(a);
  const right = groupsOf(b);
  const counts = new Float64Array(left.names.length * right.names.length);
  for (let i = 0; i < a.length; i++) counts[left.of[i] * right.names.length + right.of[i]]++;
  return { counts, left: left.sizes, right: right.sizes, n: a.length };
}

/**
 * Computes normalised mutual information with the arithmetic mean, 2 I / (H₁ + H₂): 1 for equal groups whatever their names,
 * 0 for independent ones. Two groupings into a single group each give 1, as in scikit-learn.
 */
export function normalizedMutualInformation(a: readonly string[], b: readonly string[]): number {
  const { counts, left, right, n } = contingency(a, b);
  if (left.length <= 1 && right.length <= 1) return 1;
  let information = 0;
  for (let i = 0; i < left.length; i++) {
    for (let j = 0; j < right.length; j++) {
      const c = counts[i * right.length + j];
      if (c > 0) information += (c / n) * log((c * n) / (left[i] * right[j]));
    }
  }
  const entropies = entropy(left, n) + entropy(right, n);
  return Math.max(0, (2 * information) / entropies);
}

function entropy(sizes: Int32Array, n: number): number {
  let sum = 0;
  for (const size of sizes) sum -= (size / n) * log(size / n);
  return sum;
}

/**
 * Computes the adjusted Rand index: pairs that both groupings keep together, corrected for chance; 1 for equal groups, 0 on
 * average by chance.
 */
export function adjustedRandIndex(a: readonly string[], b: readonly string[]): number {
  const { counts, left, right, n } = contingency(a, b);
  const pairs = (sizes: ArrayLike<number>) => {
    let sum = 0;
    for (let i = 0; i < sizes.length; i++) sum += (sizes[i] * (sizes[i] - 1)) / 2;
    return sum;
  };
  const together = pairs(counts);
  const inA = pairs(left);
  const inB = pairs(right);
  const all = (n * (n - 1)) / 2;
  const most = (inA + inB) / 2;
  // Both have a single group, or both have only groups of one cell: they agree.
  if (all === 0 || most === (inA * inB) / all) return 1;
  return (together - (inA * inB) / all) / (most - (inA * inB) / all);
}
