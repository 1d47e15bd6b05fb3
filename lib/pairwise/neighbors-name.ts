/** The metrics that a space of cells can be measured in. */
export const METRICS = ['spearman', 'pearson', 'cosine', 'euclidean'] as const;
export type Metric = (typeof METRICS)[number];

/**
 * The instance of the `neighbors` stage that holds the k nearest neighbours in a space. It is derived from what
 * is asked for, so that two embeddings which ask for the same neighbours share them.
 *
 * @param of name of an encoding or embedding
 * @param k neighbours of a cell, the cell itself counted (umap-learn's `n_neighbors`)
 */
export function neighborsInstance(of: string, metric: Metric, k: number): string {
  return `${of}-${metric}-${k}`;
}
