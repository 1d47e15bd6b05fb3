/** The k nearest of all rows of a space, by all pairs, in this thread. */
import type { Nearest } from '../../lib/neighbors/method.ts';
import { nearest } from '../../lib/neighbors/nearest.ts';
import { rowsOfSpace } from '../../lib/neighbors/searched-rows.ts';
import type { Space } from '../../lib/pairwise/spaces/space.ts';

export const nearestRows = (space: Space, k: number): Promise<Nearest> =>
  nearest(rowsOfSpace(space), k, {
    method: 'exact',
    team: () => Promise.reject(new Error('the exact search calls no other threads')),
  });
