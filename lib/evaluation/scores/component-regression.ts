/**
 * Principal component regression (Büttner et al. 2019, as in scIB): share of variance that batches explain, from 0 to 1,
 * Σ var · max(0, R²) / Σ var over components, with R² of a one-way analysis of variance.
 */
import { groupsOf } from './groups.ts';

/** Variance (n − 1) and R² of each component, and their weighted share. */
export interface ComponentRegression {
  readonly variances: Float64Array;
  readonly explained: Float64Array;
  /** Share of variance that batches explain; NaN without any variance. */
  readonly share: number;
}

/**
 * Computes principal component regression.
 *
 * @param components coordinates of principal components, centred or not, rows × dims, row-major
 */
export function componentRegression(
  components: ArrayLike<number>,
  dims: number,
  batches: readonly string[],
): ComponentRegression {
  const rows = batches.length;
  const { of, sizes } = groupsOf(batches);
  const variances = new Float64Array(dims);
  const explained = new Float64Array(dims);
  let weighted = 0;
  let total = 0;
  for (let d = 0; d < dims; d++) {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += components[row * dims + d];
    const mean = sum / rows;
    const sums = new Float64Array(sizes.length);
    let squares = 0;
    for (let row = 0; row < rows; row++) {
      const shift = components[row * dims + d] - mean;
      squares += shift * shift;
      sums[of[row]] += shift;
    }
    let between = 0;
    for (const [group, size] of sizes.entries()) between += (sums[group] * sums[group]) / size;
    variances[d] = squares / (rows - 1);
    explained[d] = squares > 0 ? Math.max(0, between / squares) : 0;
    weighted += variances[d] * explained[d];
    total += variances[d];
  }
  return { variances, explained, share: total > 0 ? weighted / total : Number.NaN };
}
