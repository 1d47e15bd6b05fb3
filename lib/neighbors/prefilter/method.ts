import { withSelf } from '../exact/merge.ts';
import type { NearestMethod } from '../method.ts';
import { isWorthPrefilter, nearestByPrefilter } from './search.ts';

/** Distances of rounded rows, then the exact ones of those pairs that may be near: Euclidean distances of encodings. */
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
