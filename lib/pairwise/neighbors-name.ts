/** The metrics that a space of cells can be measured in: rows of any numbers. */
export const METRICS = ['spearman', 'pearson', 'cosine', 'euclidean'] as const;

/** Metrics that ask which genes a cell has: for encodings only, where what is not stored is not detected. */
export const DETECTION_METRICS = ['ochiai', 'spearman-union', 'spearman-intersection'] as const;

export type Metric = (typeof METRICS)[number] | DetectionMetric;
export type DetectionMetric = (typeof DETECTION_METRICS)[number];

export const isDetectionMetric = (metric: Metric): metric is DetectionMetric =>
  (DETECTION_METRICS as readonly string[]).includes(metric);

/**
 * The instance of the `neighbors` stage that holds the k nearest neighbours in a space. It is derived from what
 * is asked for, so that two embeddings which ask for the same neighbours share them.
 *
 * @param of name of an encoding or embedding
 * @param k neighbours of a cell, the cell itself counted (umap-learn's `n_neighbors`)
 * @param fitCells how many cells the neighbours are chosen from; null: all
 */
export function neighborsInstance(
  of: string,
  metric: Metric,
  k: number,
  fitCells: number | null = null,
): string {
  return `${of}-${metric}-${k}${fitCells === null ? '' : `-among-${fitCells}`}`;
}

/** The neighbours of a cell, itself counted, that purity at every k is counted on: one list serves all. */
export function purityNeighbors(ks: readonly number[]): number | undefined {
  return ks.length === 0 ? undefined : Math.max(...ks) + 1;
}
