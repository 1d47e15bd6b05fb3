/**
 * UMAP layout on all cores, with the same bytes for any number of them (McInnes, Healy and Melville, 2018). Forces,
 * sampling of edges and learning rate are those of umap-learn 0.5 (umap/layouts.py).
 *
 * umap-learn iterates over the edges and moves both ends of one edge at a time, so that each move depends on all moves
 * before it. Here an epoch has sixteen sub-epochs. In each, a sixteenth of the points, in the order of their numbers,
 * process their edges, each point independently and in order, and see the other points at their positions when the
 * sub-epoch began: an edge attracts, then the points drawn for it repel together. Then all points gather the moves of
 * their edges to that sixteenth: as far as one end moved towards its neighbour, the neighbour moves towards it. Each
 * number is written by one thread and read after a barrier, and random numbers depend on the epoch and the edge only.
 *
 * The places of clusters depend on the order in which points move. This order is that of the rows, as in umap-learn.
 *
 * It matters that both ends of an edge move by the same step: if every point moves independently, twice as far instead,
 * the layout grows to twice the size. See docs/decisions/0012-parallel-layout.md for the measurements.
 */
import type { Neighbors } from '../../data/kinds/types.ts';
import type { Graph } from './graph/graph.ts';
import { type PrepareOptions, prepareLayout } from './init/initial-graph.ts';
import { layoutJob } from './layout/layout-memory.ts';
import { type LayoutPlan, planLayout } from './layout/layout-plan.ts';
import { epochKeys, runLayout, type TeamRun } from './layout/run-layout.ts';
import { distancesAmong, pickRows, splitFitted } from './transform/fitted-cells.ts';
import { transformByRankloom } from './transform/transform.ts';

/** Number of sub-epochs of an epoch. With more, moves are closer to sequential ones, and threads wait more often. */
const GROUPS = 16;

export interface RankloomParameters extends PrepareOptions {
  /** Number of points drawn to repel, for each sample of an edge. */
  readonly negativeSamples: number;
  /** Strength of repulsion, umap-learn's `repulsion_strength`. */
  readonly repulsion: number;
}

/**
 * Computes a layout, cells × dims, row-major. `neighbors.k` counts the cell itself; with at most k cells, it is reduced to
 * one less than the number of cells, as in umap-learn. A single cell is at the origin. If all neighbours are among some of
 * the cells, these are laid out and the others placed among them (umap-learn's `fit` and `transform`).
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
