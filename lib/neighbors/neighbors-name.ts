/** Names of neighbour lists: equal requests have equal names. */
import type { Metric } from '../pairwise/spaces/metric.ts';

/**
 * Returns the instance of the stage `neighbors` that finds the k nearest neighbours in a space. The name is derived from
 * the request, so that two embeddings that request the same neighbours share them.
 *
 * @param of name of an encoding or embedding
 * @param k number of neighbours, the cell itself counted (umap-learn's `n_neighbors`)
 * @param fitCells number of cells that the neighbours are chosen from; null: all
 */
export function neighborsInstance(
  of: string,
  metric: Metric,
  k: number,
  fitCells: number | null = null,
): string {
  return `${of}-${metric}-${k}${fitCells === null ? '' : `-among-${fitCells}`}`;
}

/** Returns the number of neighbours, the cell itself counted, that purity at every k needs; one list serves all k. */
export function purityNeighbors(ks: readonly number[]): number | undefined {
  return ks.length === 0 ? undefined : Math.max(...ks) + 1;
}
