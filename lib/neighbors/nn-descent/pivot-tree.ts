/**
 * Random pivot tree: sorts rows into leaves of rows that are near each other. Every row is assigned to the nearest of a
 * few pivots drawn from the rows, and the rows of each pivot are split again until they are few. The tree needs only
 * distances, no other property of the metric.
 */
import type { RandomStream } from '../../flow/random.ts';
import type { Distances } from './distances.ts';

/** Largest number of rows of a leaf. */
const LEAF = 96;

/**
 * Builds one tree.
 *
 * @param order filled with all rows, leaf by leaf
 * @param leafEnds all 0 at first; set to 1 at the last row of each leaf
 */
export function plantTree(
  order: Int32Array,
  leafEnds: Uint8Array,
  distances: Distances,
  random: RandomStream,
): void {
  for (let i = 0; i < order.length; i++) order[i] = i;
  const sorted = new Int32Array(order.length);
  const nearest = new Uint8Array(order.length);
  const branches: [number, number][] = [[0, order.length]];
  for (let branch = branches.pop(); branch !== undefined; branch = branches.pop()) {
    const [start, end] = branch;
    if (end - start <= LEAF) {
      leafEnds[end - 1] = 1;
      continue;
    }
    const count = Math.min(distances.width, Math.ceil((end - start) / LEAF));
    const pivots = random.sample(end - start, count).map((at) => order[start + at]);
    const sizes = nearestPivots(order, start, end, pivots, distances, nearest);
    if (sizes.includes(end - start)) {
      // No pivot separates these rows, which may be equal: cut them into leaves in their order.
      for (let last = start + LEAF; last < end; last += LEAF) leafEnds[last - 1] = 1;
      leafEnds[end - 1] = 1;
      continue;
    }
    sortByPivot(order, start, end, sizes, nearest, sorted);
    branches.push(...packed(sizes, start));
  }
}

/** Writes the nearest pivot of each row, the first of several, and returns the number of rows of each pivot. */
function nearestPivots(
  order: Int32Array,
  start: number,
  end: number,
  pivots: Int32Array,
  distances: Distances,
  nearest: Uint8Array,
): number[] {
  distances.setPanel(pivots);
  const sizes = new Array<number>(pivots.length).fill(0);
  for (let i = start; i < end; i++) {
    const found = distances.meet(order[i]);
    let best = 0;
    for (let lane = 1; lane < pivots.length; lane++) if (found[lane] < found[best]) best = lane;
    nearest[i] = best;
    sizes[best]++;
  }
  return sizes;
}

function sortByPivot(
  order: Int32Array,
  start: number,
  end: number,
  sizes: readonly number[],
  nearest: Uint8Array,
  sorted: Int32Array,
): void {
  const next: number[] = [];
  let at = start;
  for (const size of sizes) {
    next.push(at);
    at += size;
  }
  for (let i = start; i < end; i++) sorted[next[nearest[i]]++] = order[i];
  order.set(sorted.subarray(start, end), start);
}

/** Returns the branches of the pivots from `start` on; adjacent branches that fit into one leaf are joined. */
function packed(sizes: readonly number[], start: number): [number, number][] {
  const branches: [number, number][] = [];
  let at = start;
  for (const size of sizes) {
    if (size === 0) continue;
    const last = branches.at(-1);
    if (last !== undefined && at + size - last[0] <= LEAF) last[1] = at + size;
    else branches.push([at, at + size]);
    at += size;
  }
  return branches;
}
