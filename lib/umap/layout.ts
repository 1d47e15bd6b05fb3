/**
 * UMAP's layout on all cores with the same bytes for any number of them. McInnes, Healy and Melville, 2018;
 * forces, sampling of edges and learning rate as in umap-learn 0.5 (umap/layouts.py).
 *
 * umap-learn walks over the edges and moves both ends of one at a time, so that each move depends on all before it.
 * Here an epoch has eight turns. In a turn an eighth of the points, every eighth one, work off their edges and their
 * repelling points, each for itself and in order, while they see the other points as they were when the turn
 * began. Then all points take the moves that they owe to their edges to that eighth: what an end moved towards a
 * neighbour, the neighbour moves towards it, exactly as far. Each number is written by one thread and read after a
 * barrier, and random numbers depend on the epoch and the edge alone.
 *
 * That the two ends of an edge move by the same step matters: where every point moves on its own account, twice as
 * far instead, the layout swells to twice the size. See docs/decisions/0012-parallel-layout.md for the measurements.
 */
import type { RandomStream } from '../flow/random.ts';
import type { Neighbors } from '../formats/types.ts';
import { type PrepareOptions, prepareLayout } from './initial-graph.ts';
import { type Forces, type LayoutJob, layoutJob, positionsOf } from './layout-memory.ts';
import { planLayout } from './layout-plan.ts';
import type { LayoutRun } from './parameters.ts';

/** Turns of an epoch. With more, the moves are closer to one after the other, and threads wait more often. */
const GROUPS = 8;

export interface RankloomParameters extends PrepareOptions {
  /** Points drawn to repel, for each sample of an edge. */
  readonly negativeSamples: number;
  /** Strength of repulsion, umap-learn's `repulsion_strength`. */
  readonly repulsion: number;
}

/** Runs the default export of a module on several threads: `Context.crew` of a stage. */
export type Crew = (module: string, data: unknown, onMessage?: (message: unknown) => void) => Promise<void>;

export interface CrewRun extends LayoutRun {
  readonly crew: Crew;
}

/**
 * Coordinates, cells × dims, row-major. `neighbors.k` counts the cell itself; with no more than k cells it is cut to
 * one less than there are cells, as in umap-learn. A single cell stands at the origin.
 */
export async function layoutByRankloom(
  neighbors: Neighbors,
  parameters: RankloomParameters,
  { random, onEpoch, signal, crew }: CrewRun,
): Promise<Float32Array> {
  const { dims, negativeSamples, repulsion } = parameters;
  const { graph, a, b, epochs, initial } = await prepareLayout(neighbors, parameters, random.at(0), {
    signal,
  });
  if (graph.indices.length === 0) return initial;
  const keys = epochKeys(random.at(1), epochs);
  const forces = { a, b, epochs, learningRate: 1, negativeSamples, repulsion, keys };
  const job = layoutJob(planLayout(graph, GROUPS), forces, initial, dims, GROUPS);
  return runLayout(job, crew, onEpoch);
}

/** Two words of random bits for each epoch. */
export function epochKeys(random: RandomStream, epochs: number): Uint32Array {
  const keys = new Uint32Array(2 * epochs);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const stream = random.at(epoch);
    keys[2 * epoch] = stream.uint32();
    keys[2 * epoch + 1] = stream.uint32();
  }
  return keys;
}

export async function runLayout(
  job: LayoutJob,
  crew: Crew,
  onEpoch?: (done: number, total: number) => void,
): Promise<Float32Array> {
  const { epochs }: Forces = job.forces;
  await crew(new URL('./layout-worker.ts', import.meta.url).href, job, (done) =>
    onEpoch?.(done as number, epochs),
  );
  return positionsOf(job);
}
