/**
 * Sorts rows into leaves of rows that are near each other: every row goes with the nearest of a few pivots, drawn from
 * the rows, and so do those of each pivot again until they are few. Needs nothing of the metric but distances.
 */
import type { RandomStream } from '../../flow/random.ts';
import type { Distances } from './distances.ts';

/** Rows of a leaf at most. */
const LEAF = 96;

/**
 * @param order becomes all rows, leaf by leaf
 * @param leafEnds zero at first; becomes 1 at the last row of each leaf
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
      // Rows that no pivot tells apart, such as equal ones.
      for (let last = start + LEAF; last < end; last += LEAF) leafEnds[last - 1] = 1;
      leafEnds[end - 1] = 1;
      continue;
    }
    sortByPivot(order, start, end, sizes, nearest, sorted);
    branches.push(...packed(sizes, start));
  }
}

/** Writes which pivot is the nearest of each row, the first of several; gives how many rows each has. */
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

/** The branches of the pivots from `start` on; neighbouring ones that make up one leaf together stay together. */
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
