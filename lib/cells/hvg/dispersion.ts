/**
 * Dispersions relative to genes of similar mean: the statistics of flavour `seurat`, after scanpy 1.11
 * (`preprocessing/_highly_variable_genes.py`) and the parts of pandas that it rests on.
 */
import { log, log1p } from '../../kernels/math.ts';

export interface DispersionStats {
  /** log(1 + mean) */
  readonly means: Float64Array;
  /** log(variance / mean); NaN if there is no variance. */
  readonly dispersions: Float64Array;
  /** Dispersions standardised within bins of mean; NaN where undefined. */
  readonly dispersionsNorm: Float64Array;
}

/** From mean and variance (n − 1) of expression on the linear scale. */
export function seuratDispersions(mean: Float64Array, variance: Float64Array, bins: number): DispersionStats {
  const means = new Float64Array(mean.length);
  const dispersions = new Float64Array(mean.length);
  for (let g = 0; g < mean.length; g++) {
    const m = mean[g] === 0 ? 1e-12 : mean[g];
    const ratio = variance[g] / m;
    dispersions[g] = ratio === 0 ? Number.NaN : log(ratio);
    means[g] = log1p(m);
  }
  const bin = equalWidthBins(means, bins);
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

/** The bin of each value, 0 … bins − 1; bins are closed on the right. */
function equalWidthBins(values: Float64Array, bins: number): Int32Array {
  const edges = equalWidthEdges(values, bins);
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
 * (value − average) / deviation of the value's bin, missing values left out of both. A bin with one value has
 * no deviation; the value's standardised form is then 1 (scanpy: deviation ← average, average ← 0). Two
 * equal values and no others have deviation 0, which gives NaN or an infinity, as in scanpy.
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
