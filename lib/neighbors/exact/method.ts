import { type NearestMethod, undefinedRows } from '../method.ts';
import { NearestMerge } from './merge.ts';
import { nearestOfPart, nearestParts } from './parts.ts';

/** Exact method that computes the distances of all pairs of rows. */
export const exact: NearestMethod = {
  name: 'exact',
  isExact: true,
  usesAllCores: false,
  bytesPerRow: 150,
  pays: () => true,
  scales: () => false,
  async search(searched, most, { signal, progress }) {
    const space = await searched.space();
    const { rows } = space;
    const k = Math.min(most, rows);
    const merge = new NearestMerge(rows, k);
    const parts = nearestParts(rows);
    for (const [i, part] of parts.entries()) {
      const found = await nearestOfPart(space, k, part, { signal });
      if (found.rows !== undefined) merge.add(part.rowStart, found.rows);
      if (found.columns !== undefined) merge.add(part.columnStart, found.columns);
      progress?.(i + 1, parts.length);
    }
    const { indices, distances } = merge;
    return { indices, distances, withoutValue: undefinedRows(space, 0, rows) };
  },
};
