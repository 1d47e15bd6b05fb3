/** Requests for the neighbours that k-NN purity counts. */
import type { Metric } from '../pairwise/spaces/metric.ts';
import { purityNeighbors } from './neighbors-name.ts';
import type { NeighborRequest } from './requests.ts';

/** Keys of the config on which purity depends. */
export interface PurityConfig {
  readonly measures?: Readonly<Record<string, { readonly of: string; readonly metric: Metric }>>;
  readonly purity?: { readonly k: readonly number[] };
}

/** Returns one request for each measure, for the largest k of `purity`; none without a k. */
export function neighborRequests({ measures, purity }: PurityConfig): NeighborRequest[] {
  const k = purityNeighbors(purity?.k ?? []);
  if (k === undefined) return [];
  return Object.values(measures ?? {}).map(({ of, metric }) => ({ of, metric, k, fitCells: null }));
}
