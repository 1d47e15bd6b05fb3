/** The searches that a config asks for: what the instances of the stage `neighbors` are. */
import type { Metric } from '../pairwise/spaces/metric.ts';
import { neighborsInstance, purityNeighbors } from './neighbors-name.ts';

type Embedding = {
  readonly method: string;
  readonly of?: string;
  readonly neighbors?: number;
  readonly metric?: Metric;
  readonly fitCells?: number | null;
};

/**
 * What the stage sees of the config: it runs for the embeddings that start from neighbours and for the measures, whose
 * neighbours are counted.
 */
export interface NeighborsConfig {
  readonly neighbors: { readonly exactUpTo: number | null };
  readonly embeddings: Readonly<Record<string, Embedding>>;
  readonly measures?: Readonly<Record<string, { readonly of: string; readonly metric: Metric }>>;
  readonly purity?: { readonly k: readonly number[] };
}

/** What a UMAP embedding or a measure asks for. */
export interface NeighborRequest {
  readonly of: string;
  readonly metric: Metric;
  readonly k: number;
  /** Neighbours are looked for among so many cells, drawn at random; null: among all. */
  readonly fitCells: number | null;
}

/** All requests by name of the instance: the same request is the same instance. */
export function neighborRequests(config: NeighborsConfig): Map<string, NeighborRequest> {
  const found = new Map<string, NeighborRequest>();
  const add = (request: NeighborRequest) => {
    const { of, metric, k, fitCells } = request;
    found.set(neighborsInstance(of, metric, k, fitCells), request);
  };
  for (const options of Object.values(config.embeddings)) {
    const { method, of, metric = 'euclidean', neighbors: k = 15, fitCells = null } = options;
    if (method === 'umap' && of !== undefined) add({ of, metric, k, fitCells });
  }
  const k = purityNeighbors(config.purity?.k ?? []);
  if (k === undefined) return found;
  for (const { of, metric } of Object.values(config.measures ?? {})) add({ of, metric, k, fitCells: null });
  return found;
}

/**
 * The instance that holds most neighbours in the same space, if that is another one: its lists begin with those that
 * are asked for.
 */
export function widerInstance(config: NeighborsConfig, instance: string): string | undefined {
  const all = neighborRequests(config);
  const { of, metric, k, fitCells } = all.get(instance)!;
  let [widest, most] = [instance, k];
  for (const [name, other] of all) {
    const isSame = other.of === of && other.metric === metric && other.fitCells === fitCells;
    if (isSame && other.k > most) [widest, most] = [name, other.k];
  }
  return widest === instance ? undefined : widest;
}
