/** Moments of every gene's normalised expression or counts (mean and variance), per group of cells, in one pass. */
import { expm1, log1p } from '../../kernels/math.ts';
import type { HvgCounts } from './flavor.ts';

export interface Moments {
  /** Cells of the group. */
  readonly cells: number;
  /** Cells in which the gene is detected. */
  readonly detected: Int32Array;
  readonly mean: Float64Array;
  /** Unbiased variance (n − 1); 0 for a single cell. */
  readonly variance: Float64Array;
}

/** Total counts that each cell is scaled to. */
const TARGET = 1e4;

/** Transformation of a count before its moments are taken: scaled, scaled and logged, or none. */
export type Scale = 'linear' | 'log' | 'counts';

/**
 * Moments of counts scaled to 10,000 a cell (over all columns), group by group. `group[i]` is the group of row i, −1 for
 * none. The numbers go through the float32 values that scanpy's `normalize_total`, `log1p` and (in
 * `highly_variable_genes`) `expm1` leave on the way, and through its sum of squares in float64 of squares rounded to
 * float32, because genes near a bin's edge or the threshold depend on those digits. Still different are the order of
 * summation (scanpy's depends on the number of threads) and the last bit of float32 logarithms: together about 1e-7 of a
 * mean.
 */
export async function momentsOf(
  counts: HvgCounts,
  group: ArrayLike<number>,
  groups: number,
  scale: Scale = 'linear',
): Promise<Moments[]> {
  const { columns } = counts;
  const sums = Array.from({ length: groups }, () => ({
    cells: 0,
    detected: new Int32Array(columns),
    sum: new Float64Array(columns),
    squares: new Float64Array(columns),
  }));
  for await (const block of counts.blocks()) {
    const { indptr, indices, values } = block;
    for (let row = 0; row < block.rows; row++) {
      const g = group[block.start + row];
      if (g < 0) continue;
      const into = sums[g];
      into.cells++;
      let total = 0;
      for (let i = indptr[row]; i < indptr[row + 1]; i++) total += values[i];
      const divisor = Math.fround(Math.fround(total) / TARGET);
      for (let i = indptr[row]; i < indptr[row + 1]; i++) {
        const gene = indices[i];
        into.detected[gene]++;
        if (scale === 'counts') {
          into.sum[gene] += values[i];
          into.squares[gene] += values[i] * values[i];
          continue;
        }
        const logged = Math.fround(log1p(Math.fround(values[i] / divisor)));
        const value = scale === 'log' ? logged : Math.fround(expm1(logged));
        into.sum[gene] += value;
        into.squares[gene] += Math.fround(value * value);
      }
    }
  }
  return sums.map(({ cells, detected, sum, squares }) => {
    const mean = sum.map((s) => s / cells);
    const bessel = cells === 1 ? 1 : cells / (cells - 1);
    const variance = squares.map((s, g) => (s / cells - mean[g] * mean[g]) * bessel);
    return { cells, detected, mean, variance };
  });
}
