/**
 * Dispersions relative to genes of similar mean: the statistics of flavours `seurat` and `cell_ranger`, after scanpy 1.11
 * (`preprocessing/_highly_variable_genes.py`) and the parts of pandas and numpy that it rests on.
 */

import { dataError } from '../../errors.ts';
import { log, log1p } from '../../kernels/math.ts';
import { medianOfSorted, quantileOfSorted } from '../../stats/quantiles.ts';

export interface DispersionStats {
  /** Mean expression: for seurat log(1 + mean), for cell_ranger the mean. */
  readonly means: Float64Array;
  /** Variance / mean; for seurat its logarithm, NaN if there is no variance. */
  readonly dispersions: Float64Array;
  /** Dispersions standardised within bins of mean; NaN where undefined. */
  readonly dispersionsNorm: Float64Array;
}

/** Scoring function of a flavour, from mean and variance (n − 1) of each gene. */
export type Score = (mean: Float64Array, variance: Float64Array, bins: number) => DispersionStats;

/** Dispersions of flavour `seurat`, from mean and variance of expression on the linear scale. */
export function seuratDispersions(mean: Float64Array, variance: Float64Array, bins: number): DispersionStats {
  const means = new Float64Array(mean.length);
  const dispersions = new Float64Array(mean.length);
  for (let g = 0; g < mean.length; g++) {
    const m = mean[g] === 0 ? 1e-12 : mean[g];
    const ratio = variance[g] / m;
    dispersions[g] = ratio === 0 ? Number.NaN : log(ratio);
    means[g] = log1p(m);
  }
  const bin = binsOf(means, equalWidthEdges(means, bins));
  return { means, dispersions, dispersionsNorm: standardise(dispersions, bin, bins) };
}

/** Edges of equal-width bins as `pandas.cut` makes them: the lowest one lowered by 0.1 % of the range. */
export function equalWidthEdges(values: Float64Array, bins: number): Float64Array {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const single = min === max;
  if (single) {
    min -= min === 0 ? 0.001 : 0.001 * Math.abs(min);
    max += max === 0 ? 0.001 : 0.001 * Math.abs(max);
  }
  const step = (max - min) / bins;
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => i * step + min);
  edges[bins] = max;
  if (!single) edges[0] -= (max - min) * 0.001;
  return edges;
}

/** Bin of each value, 0 … edges − 2; bins are closed on the right. */
function binsOf(values: Float64Array, edges: Float64Array): Int32Array {
  const bins = edges.length - 1;
  return Int32Array.from(values, (value) => {
    let low = 0;
    let high = bins;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (edges[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  });
}

/**
 * Standardised values: (value − average) / deviation of the value's bin, missing values left out of both. A bin with one
 * value has no deviation; the value's standardised form is then 1 (scanpy: deviation ← average, average ← 0). Two equal
 * values and no others have deviation 0, which gives NaN or an infinity, as in scanpy.
 */
function standardise(values: Float64Array, bin: Int32Array, bins: number): Float64Array {
  const n = new Int32Array(bins);
  const sum = new Float64Array(bins);
  const lost = new Float64Array(bins);
  const centre = new Float64Array(bins);
  const squares = new Float64Array(bins);
  for (let g = 0; g < values.length; g++) {
    const value = values[g];
    if (Number.isNaN(value)) continue;
    const b = bin[g];
    n[b]++;
    // pandas: compensated sum for the mean, Welford's recurrence for the deviation.
    const y = value - lost[b];
    const t = sum[b] + y;
    lost[b] = t - sum[b] - y;
    sum[b] = t;
    const before = centre[b];
    centre[b] += (value - before) / n[b];
    squares[b] += (value - centre[b]) * (value - before);
  }
  return values.map((value, g) => {
    const b = bin[g];
    const average = sum[b] / n[b];
    if (n[b] < 2) return value / average;
    return (value - average) / Math.sqrt(squares[b] / (n[b] - 1));
  });
}

/** Median absolute deviation of a standard normal distribution: `norm.ppf(0.75)`. */
const MAD_OF_NORMAL = 0.6744897501960817;

/**
 * Flavour `cell_ranger`, from mean and variance of logged expression: distance of variance / mean from its median in units
 * of the median absolute deviation, within bins between the 10th, 15th … 100th percentile of the means. A bin of one
 * gene has no deviation (NaN); both genes of a bin of two have ±0.67.
 */
export const cellRangerDispersions: Score = (mean, variance) => {
  const means = mean.map((m) => (m === 0 ? 1e-12 : m));
  const dispersions = means.map((m, g) => variance[g] / m);
  const edges = percentileEdges(means);
  const bin = binsOf(means, edges);
  const members: number[][] = Array.from({ length: edges.length - 1 }, () => []);
  for (let g = 0; g < means.length; g++) members[bin[g]].push(dispersions[g]);
  const centre = members.map((values) => median(Float64Array.from(values)));
  const spread = members.map(
    (values, b) => median(Float64Array.from(values, (value) => Math.abs(value - centre[b]))) / MAD_OF_NORMAL,
  );
  const dispersionsNorm = dispersions.map((value, g) => (value - centre[bin[g]]) / spread[bin[g]]);
  return { means, dispersions, dispersionsNorm };
};

/**
 * Bin edges: −∞, the percentiles, ∞. Throws a data error if two percentiles are equal, as they are where many genes have
 * one mean.
 */
export function percentileEdges(values: Float64Array): Float64Array {
  const sorted = values.slice().sort();
  const edges = [Number.NEGATIVE_INFINITY];
  for (let percent = 10; percent <= 100; percent += 5) {
    edges.push(quantileOfSorted(sorted, percent / 100));
  }
  const same = edges.findIndex((edge, i) => i > 0 && !(edge > edges[i - 1]));
  if (same > 1) {
    const percent = 5 * same + 5;
    throw dataError(
      `the ${percent - 5}th and the ${percent}th percentile of the genes' means are both ${edges[same]}`,
      {
        expected: 'means that differ: bins of flavour cell_ranger lie between percentiles',
        hint: "Raise subset.minCellsPerGene, which leaves out genes that are hardly detected, or take hvg.flavor 'seurat'.",
      },
    );
  }
  return Float64Array.of(...edges, Number.POSITIVE_INFINITY);
}

/** Median; NaN without values. */
const median = (values: Float64Array): number => medianOfSorted(values.sort());
