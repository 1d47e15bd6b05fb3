/**
 * Exact nearest neighbours by Euclidean distance of points of few dimensions, with all cores on one action: a k-d tree
 * (Friedman, Bentley and Finkel, 1977), most of whose boxes are excluded. The result equals that of a search through all
 * pairs to the last bit.
 */
import type { Team } from '../../flow/workers/parallel.ts';
import { BARRIER_WORDS } from '../../kernels/barrier.ts';
import { KernelMemory } from '../../kernels/memory.ts';
import type { NearestRows } from '../../kernels/nearest.ts';
import { FEW_DIMS } from '../../kernels/pairs.ts';
import type { Points } from '../method.ts';
import { buildTree } from './build.ts';
import type { TreeJob } from './job.ts';

/** Smallest number of points: for fewer, computing all pairs takes less time than starting threads. */
const LEAST_POINTS = 2048;

/**
 * Largest number of dimensions: up to it, the arithmetic of distances is that of the kernel of all pairs. In 50 dimensions
 * a tree of clustered points takes a twentieth of the time of all pairs; where it excludes nothing, one and a half times.
 */
const MOST_DIMS = FEW_DIMS;

/**
 * Number of dimensions up to which half a million points take a minute or two even if they are spread evenly; mostly
 * seconds.
 */
const LOW_DIMS = 12;

/** Whether neighbours are found by a tree, which affects only the time. */
export const isWorthTree = (points: number, dims: number, metric: string): boolean =>
  metric === 'euclidean' && points >= LEAST_POINTS && dims <= MOST_DIMS;

/** Whether a tree is fast for any number of points. */
export const isFastTree = (dims: number, metric: string): boolean =>
  metric === 'euclidean' && dims <= LOW_DIMS;

/**
 * Finds the k nearest points of each point, points × k: the point itself first, then the others by distance, ties by
 * number.
 *
 * @param k number of neighbours, the point itself counted; more than all points means all points
 */
export async function nearestInTree(
  points: Points | Promise<Points>,
  k: number,
  { team, onProgress }: { team: Team; onProgress?: (pointsDone: number) => void },
): Promise<NearestRows> {
  const making = layJob(points, k);
  let done = 0;
  // Threads start while the tree is built.
  await team(new URL('./worker.ts', import.meta.url).href, making, (more) => {
    done += more as number;
    onProgress?.(done);
  });
  const job = await making;
  const memory = new KernelMemory(job.memory);
  const places = job.points * job.listed;
  return {
    indices: memory.int32(job.indices, places),
    distances: memory.float32(job.distances, places),
  };
}

async function layJob(points: Points | Promise<Points>, k: number): Promise<TreeJob> {
  const { values, dims } = await points;
  const tree = buildTree(values, dims, Math.min(k, values.length / dims));
  return { ...tree, barrier: new KernelMemory(tree.memory).allocate(BARRIER_WORDS * 4) };
}
