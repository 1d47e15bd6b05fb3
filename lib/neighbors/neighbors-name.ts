/** The names of lists of neighbours: one name for the same request. */
import type { Metric } from '../pairwise/spaces/metric.ts';

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
