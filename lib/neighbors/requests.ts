/**
 * Requests for neighbours: the neighbour lists that a study needs. Each consumer exports a function
 * `neighborRequests(config)`; `lib/study/neighbor-consumers.ts` lists the consumers, and the stage `neighbors` computes
 * one list for each distinct request.
 */
import type { Metric } from '../pairwise/spaces/metric.ts';
import { neighborsInstance } from './neighbors-name.ts';

/** Request for the k nearest neighbours of every cell in one space. */
export interface NeighborRequest {
  /** Name of the encoding or embedding whose rows are the space. */
  readonly of: string;
  readonly metric: Metric;
  /** Number of neighbours of a cell, the cell itself counted (umap-learn's `n_neighbors`). */
  readonly k: number;
  /** Number of cells, drawn at random, among which neighbours are searched; null: all. */
  readonly fitCells: number | null;
}

/** Merges equal requests: returns requests by the name of their instance of the stage `neighbors`, in order. */
export function mergeRequests(requests: Iterable<NeighborRequest>): Map<string, NeighborRequest> {
  const merged = new Map<string, NeighborRequest>();
  for (const request of requests) {
    const { of, metric, k, fitCells } = request;
    merged.set(neighborsInstance(of, metric, k, fitCells), request);
  }
  return merged;
}

/**
 * Finds the instance with the most neighbours in the space of `instance`, the first of several. Only that instance runs a
 * search; the lists of the others are prefixes of its lists. Undefined if it is `instance` itself.
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
