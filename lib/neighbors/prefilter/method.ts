import { withSelf } from '../exact/merge.ts';
import type { NearestMethod } from '../method.ts';
import { isWorthPrefilter, nearestByPrefilter } from './search.ts';

/**
 * Exact method for Euclidean distances of encodings: distances of rounded rows first, then exact distances of the pairs
 * that may be near.
 */
export const prefilter: NearestMethod = {
  name: 'prefilter',
  isExact: true,
  usesAllCores: true,
  bytesPerRow: 150,
  pays: (rows, k) => rows.kind === 'matrix' && isWorthPrefilter(rows, rows.metric, k - 1),
  scales: () => false,
  async search(searched, k, { team, progress }) {
    const all = searched.matrix();
    const found = await nearestByPrefilter(all, k - 1, { team, onProgress: progress });
    return { ...withSelf(found, (await all).rows), withoutValue: [] };
  },
};
