import type { NearestMethod } from '../method.ts';
import { isFastTree, isWorthTree, nearestInTree } from './search.ts';

/** Exact method for Euclidean distances of embeddings: a k-d tree. */
export const tree: NearestMethod = {
  name: 'tree',
  isExact: true,
  usesAllCores: true,
  bytesPerRow: 150,
  pays: (rows) => rows.kind === 'embedding' && isWorthTree(rows.rows, rows.dims, rows.metric),
  scales: (rows) => rows.kind === 'embedding' && isFastTree(rows.dims, rows.metric),
  async search(searched, k, { team, progress }) {
    let total = 0;
    const points = searched.points().then((read) => {
      total = read.values.length / read.dims;
      return read;
    });
    const onProgress = (done: number) => progress?.(done, total);
    return { ...(await nearestInTree(points, k, { team, onProgress })), withoutValue: [] };
  },
};
