/** Exact neighbours of a few rows: to measure recall, and for rows for which the descent found too few neighbours. */
import type { Distances } from './distances.ts';
import type { DescentJob } from './job.ts';
import { Pools } from './pools.ts';

/** Finds the k nearest rows of each row of a panel, in pools of their own, panel rows × k. */
function exactPools(panel: Int32Array, rows: number, k: number, distances: Distances): Pools {
  const places = panel.length * k;
  const indices = new Int32Array(places).fill(-1);
  const farthest = new Float32Array(places).fill(Number.POSITIVE_INFINITY);
  const pools = new Pools({ indices, distances: farthest, fresh: new Uint8Array(places) }, k);
  distances.setPanel(panel);
  for (let row = 0; row < rows; row++) {
    const found = distances.meet(row);
    for (let lane = 0; lane < panel.length; lane++) {
      if (panel[lane] !== row && pools.isNear(lane, found[lane])) pools.offer(lane, row, found[lane]);
    }
  }
  return pools;
}

/**
 * Counts, for each row of a panel of the sample, the found neighbours that are exact neighbours, or as near as the
 * farthest of them.
 */
export function countHits(job: DescentJob, distances: Distances, piece: number): void {
  const { sample, hits, k, rows, poolSize, pools } = job;
  const from = piece * distances.width;
  const panel = sample.subarray(from, from + distances.width);
  const exact = exactPools(panel, rows, k, distances);
  for (let lane = 0; lane < panel.length; lane++) {
    const nearest = exact.indices.subarray(lane * k, (lane + 1) * k);
    const limit = exact.distances[(lane + 1) * k - 1];
    let hit = 0;
    for (let at = panel[lane] * poolSize; at < panel[lane] * poolSize + k; at++) {
      if (pools.distances[at] <= limit || nearest.includes(pools.indices[at])) hit++;
    }
    hits[from + lane] = hit;
  }
}

/** Completes those pools of the rows from `first` to `end` − 1 that hold fewer than k neighbours. */
export function completePools(
  { k, rows, poolSize, pools: arrays }: DescentJob,
  distances: Distances,
  first: number,
  end: number,
): void {
  const pools = new Pools(arrays, poolSize);
  for (let row = first; row < end; row++) {
    if (pools.indices[row * poolSize + k - 1] >= 0) continue;
    const exact = exactPools(Int32Array.of(row), rows, k, distances);
    for (let e = 0; e < k; e++) pools.offer(row, exact.indices[e], exact.distances[e]);
  }
}
