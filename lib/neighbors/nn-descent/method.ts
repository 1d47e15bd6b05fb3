import { orientationOf } from '../../pairwise/spaces/metric.ts';
import { withSelf } from '../exact/merge.ts';
import { type NearestMethod, undefinedRows } from '../method.ts';
import { MOST_ROUNDS, nearestByDescent } from './descent.ts';

/** Approximate method for very many rows: nearest-neighbour descent. */
export const nnDescent: NearestMethod = {
  name: 'nn-descent',
  isExact: false,
  usesAllCores: true,
  bytesPerRow: 1300,
  pays: () => true,
  scales: () => true,
  async search(searched, k, { team, progress }) {
    const space = await searched.space();
    const { rows, metric, defined, shared } = space;
    if (shared === undefined)
      throw new Error(`Internal error: rows by ${metric} cannot be shared by threads`);
    const isSimilarity = orientationOf(metric) === 'similarity';
    const given = { kernelRows: shared.kernelRows, rows, defined, isSimilarity };
    const found = await nearestByDescent(given, Math.min(k, rows) - 1, {
      team,
      onRound: (round) => progress?.(round, MOST_ROUNDS, 'rounds at most'),
    });
    return { ...withSelf(found, rows), withoutValue: undefinedRows(space, 0, rows), recall: found.recall };
  },
};
