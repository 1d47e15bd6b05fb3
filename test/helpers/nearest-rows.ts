/** The k nearest of all rows of a space: all parts of the search one after the other. */
import { NearestMerge, type NearestRows, nearestOfPart, nearestParts } from '../../lib/neighbors/nearest.ts';
import type { Space } from '../../lib/pairwise/spaces/space.ts';

export async function nearestRows(space: Space, k: number): Promise<NearestRows> {
  const merge = new NearestMerge(space.rows, k);
  for (const part of nearestParts(space.rows)) {
    const { rows, columns } = await nearestOfPart(space, k, part);
    if (rows !== undefined) merge.add(part.rowStart, rows);
    if (columns !== undefined) merge.add(part.columnStart, columns);
  }
  return merge;
}
