/** Comparison of rows that have a neighbour, or a leaf, in common. */
import type { Distances } from './distances.ts';
import { CANDIDATES, type DescentJob, PAIRS, PIECE } from './job.ts';
import type { Pools } from './pools.ts';

/** Offers all pairs of the rows of a leaf to their pools. No other thread may have any of these rows. */
export function joinLeaf(members: Int32Array, distances: Distances, pools: Pools): void {
  const { width } = distances;
  for (let from = 0; from < members.length - 1; from += width) {
    const panel = members.subarray(from, from + width);
    distances.setPanel(panel);
    for (let i = from + 1; i < members.length; i++) {
      const found = distances.meet(members[i]);
      for (let lane = 0; lane < Math.min(panel.length, i - from); lane++) {
        pools.offer(panel[lane], members[i], found[lane]);
        pools.offer(members[i], panel[lane], found[lane]);
      }
    }
  }
}

/**
 * Compares the candidates of each of the rows from `first` to `end` − 1: the new ones with each other and with the old
 * ones. Pairs near enough for the pool of either row are recorded for the piece; the pools do not change.
 */
export function joinCandidates(
  { fresh, old, found }: DescentJob,
  pools: Pools,
  distances: Distances,
  piece: number,
  first: number,
  end: number,
): void {
  const { width } = distances;
  const members = new Int32Array(2 * CANDIDATES);
  let at = piece * PIECE * PAIRS;
  const start = at;
  for (let row = first; row < end; row++) {
    const news = fresh.counts[row];
    const all = news + old.counts[row];
    if (news === 0 || all < 2) continue;
    const from = row * CANDIDATES;
    members.set(fresh.rows.subarray(from, from + news));
    members.set(old.rows.subarray(from, from + all - news), news);
    for (let p = 0; p < news; p += width) {
      const lanes = Math.min(width, news - p);
      distances.setPanel(members.subarray(p, p + lanes));
      for (let m = p + 1; m < all; m++) {
        const other = members[m];
        const apart = distances.meet(other);
        for (let lane = 0; lane < Math.min(lanes, m - p); lane++) {
          const one = members[p + lane];
          const distance = apart[lane];
          if (one === other || !(pools.isNear(one, distance) || pools.isNear(other, distance))) continue;
          found.one[at] = one;
          found.other[at] = other;
          found.distances[at++] = distance;
        }
      }
    }
  }
  found.counts[piece] = at - start;
}

/** Adds the pairs found by all pieces to the pools of the rows from `first` to `end` − 1. @returns places changed */
export function takeFound(
  { found }: DescentJob,
  pools: Pools,
  pieces: number,
  first: number,
  end: number,
): number {
  let changes = 0;
  for (let piece = 0; piece < pieces; piece++) {
    const start = piece * PIECE * PAIRS;
    for (let at = start; at < start + found.counts[piece]; at++) {
      const one = found.one[at];
      const other = found.other[at];
      if (one >= first && one < end && pools.offer(one, other, found.distances[at])) changes++;
      if (other >= first && other < end && pools.offer(other, one, found.distances[at])) changes++;
    }
  }
  return changes;
}
