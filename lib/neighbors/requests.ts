/**
 * Requests for neighbours: which lists of neighbours a study needs. Each consumer exports a function
 * `neighborRequests(config)`; `lib/study/neighbor-consumers.ts` lists the consumers, and the stage `neighbors` makes
 * one list for each request that differs.
 */
import type { Metric } from '../pairwise/spaces/metric.ts';
import { neighborsInstance } from './neighbors-name.ts';

/** The k nearest neighbours of every cell in one space. */
export interface NeighborRequest {
  /** Name of the encoding or embedding whose rows are the space. */
  readonly of: string;
  readonly metric: Metric;
  /** Neighbours of a cell, the cell itself counted (umap-learn's `n_neighbors`). */
  readonly k: number;
  /** Neighbours are chosen among so many cells, drawn at random; null: among all. */
  readonly fitCells: number | null;
}

/** Requests by the name of their instance of the stage `neighbors`, in order; equal requests are one. */
export function mergeRequests(requests: Iterable<NeighborRequest>): Map<string, NeighborRequest> {
  const merged = new Map<string, NeighborRequest>();
  for (const request of requests) {
    const { of, metric, k, fitCells } = request;
    merged.set(neighborsInstance(of, metric, k, fitCells), request);
  }
  return merged;
}

/**
 * Finds the instance with the most neighbours in the space of `instance`, the first of several: it alone searches,
 * and the lists of the others are the beginnings of its lists. Undefined if that is `instance` itself.
 */
export function widerInstance(
  requests: ReadonlyMap<string, NeighborRequest>,
  instance: string,
): string | undefined {
  const { of, metric, k, fitCells } = requests.get(instance)!;
  let [widest, most] = [instance, k];
  for (const [name, other] of requests) {
    const isSame = other.of === of && other.metric === metric && other.fitCells === fitCells;
    if (isSame && other.k > most) [widest, most] = [name, other.k];
  }
  return widest === instance ? undefined : widest;
}
