/**
 * UMAP's layout on all cores with the same bytes for any number of them. McInnes, Healy and Melville, 2018;
 * forces, sampling of edges and learning rate as in umap-learn 0.5 (umap/layouts.py).
 *
 * umap-learn walks over the edges and moves both ends of one at a time, so that each move depends on all before it.
 * Here an epoch has sixteen sub-epochs. In each a sixteenth of the points, in the order of their numbers, work off their edges,
 * each for itself and in order, while they see the other points as they were when the sub-epoch began: an edge attracts, then
 * the points drawn for it repel together. Then all points gather the moves that they owe to their edges to that sixteenth:
 * what an end moved towards a neighbour, the neighbour moves towards it, exactly as far. Each number is written by one thread
 * and read after a barrier, and random numbers depend on the epoch and the edge alone.
 *
 * Where clusters come to lie hangs on the order in which points move. It is that of the rows, as in umap-learn.
 *
 * That the two ends of an edge move by the same step matters: where every point moves on its own account, twice as
 * far instead, the layout swells to twice the size. See docs/decisions/0012-parallel-layout.md for the measurements.
 */
import type { Neighbors } from '../../data/kinds/types.ts';
import type { Graph } from './graph/graph.ts';
import { type PrepareOptions, prepareLayout } from './init/initial-graph.ts';
import { layoutJob } from './layout/layout-memory.ts';
import { type LayoutPlan, planLayout } from './layout/layout-plan.ts';
import { epochKeys, runLayout, type TeamRun } from './layout/run-layout.ts';
import { distancesAmong, pickRows, splitFitted } from './transform/fitted-cells.ts';
import { transformByRankloom } from './transform/transform.ts';

/** Sub-epochs of an epoch. With more, the moves are closer to one after the other, and threads wait more often. */
const GROUPS = 16;

export interface RankloomParameters extends PrepareOptions {
  /** Points drawn to repel, for each sample of an edge. */
  readonly negativeSamples: number;
  /** Strength of repulsion, umap-learn's `repulsion_strength`. */
  readonly repulsion: number;
}

/**
 * Coordinates, cells × dims, row-major. `neighbors.k` counts the cell itself; with no more than k cells it is cut to
 * one less than there are cells, as in umap-learn. A single cell stands at the origin. Where neighbours are among
 * some of the cells, these are laid out and the others placed among them (umap-learn's `fit` and `transform`).
 */
export async function layoutByRankloom(
  neighbors: Neighbors,
  parameters: RankloomParameters,
  run: TeamRun,
): Promise<Float32Array> {
  const split = splitFitted(neighbors);
  if (split === undefined) return layoutAll(neighbors, parameters, run);
  const { fitted, others, among, ofOthers } = split;
  const { dims, principalComponents: components, centroidDistances } = parameters;
  const places = await layoutAll(
    among,
    {
      ...parameters,
      principalComponents: components && pickRows(components, dims, fitted),
      centroidDistances: distancesAmong(fitted, neighbors.cellIds.length, centroidDistances),
    },
    run,
  );
  const placed = await transformByRankloom(ofOthers, places, parameters, {
    ...run,
    random: run.random.at(2),
  });
  const values = new Float32Array(neighbors.cellIds.length * dims);
  for (const [rows, coordinates] of [
    [fitted, places],
    [others, placed],
  ] as const) {
    for (const [n, row] of rows.entries()) {
      values.set(coordinates.subarray(n * dims, (n + 1) * dims), row * dims);
    }
  }
  return values;
}

async function layoutAll(
  neighbors: Neighbors,
  parameters: RankloomParameters,
  { random, onEpoch, onNote, signal, team }: TeamRun,
): Promise<Float32Array> {
  const { dims, negativeSamples, repulsion } = parameters;
  let plan: LayoutPlan | undefined;
  const meanwhile = (graph: Graph) => {
    if (graph.indices.length > 0) plan = planLayout(graph, GROUPS);
  };
  const hooks = { signal, team, onNote, meanwhile };
  const prepared = await prepareLayout(neighbors, parameters, random.at(0), hooks);
  const { a, b, epochs, initial } = prepared;
  if (plan === undefined) return initial;
  const keys = epochKeys(random.at(1), epochs);
  const forces = { a, b, epochs, learningRate: 1, negativeSamples, repulsion, keys };
  const job = layoutJob(plan.moves, forces, initial, dims, GROUPS, plan.gathers);
  return runLayout(job, team, onEpoch);
}
