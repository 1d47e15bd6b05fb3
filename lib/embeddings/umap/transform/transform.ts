/**
 * Placement of new cells in an existing layout: umap-learn's `transform`. A new cell starts between its neighbours among
 * the fitted cells, and is then attracted by them and repelled by others, while the fitted cells do not move.
 */
import { fitCurve } from '../curve.ts';
import { type NeighborDistances, smoothKnn } from '../graph/smooth-knn.ts';
import { layoutJob } from '../layout/layout-memory.ts';
import { type EdgeTable, planMoves, rateOf } from '../layout/layout-plan.ts';
import { epochKeys, runLayout, type TeamRun } from '../layout/run-layout.ts';

const { fround } = Math;

/** Learning rate, lower than in a fit, since the layout exists already. */
const LEARNING_RATE = 1 / 4;

export interface TransformParameters {
  readonly dims: number;
  readonly minDist: number;
  readonly spread: number;
  /** Number of epochs of the fit, of which a transform takes a third; null: 100 up to 10,000 new cells, 30 above. */
  readonly epochs: number | null;
  readonly localConnectivity: number;
  readonly negativeSamples: number;
  readonly repulsion: number;
}

/** Neighbours of new cells among the fitted cells, new cells × k, nearest first. */
export interface FittedNeighbors extends NeighborDistances {
  readonly indices: Int32Array;
}

/** Returns initial positions: the weighted mean of the neighbours' places, or the place of a neighbour with weight 1. */
function startBetween(
  { cells, k, indices }: FittedNeighbors,
  weights: Float32Array,
  fitted: Float32Array,
  dims: number,
): Float32Array {
  const start = new Float32Array(cells * dims);
  for (let i = 0; i < cells; i++) {
    let sum = 0;
    for (let e = i * k; e < (i + 1) * k; e++) sum += weights[e];
    for (let e = i * k; e < (i + 1) * k; e++) {
      const from = indices[e] * dims;
      const coincides = weights[e] === 1;
      for (let d = 0; d < dims; d++) {
        const before = coincides ? 0 : start[i * dims + d];
        start[i * dims + d] = before + (coincides ? 1 : weights[e] / sum) * fitted[from + d];
      }
      if (coincides) break;
    }
  }
  return start;
}

/** Returns the edges that some epoch samples, as an edge table for a layout. */
function edgesToFitted(
  { cells, k, indices }: FittedNeighbors,
  weights: Float32Array,
  epochs: number,
): EdgeTable {
  let most = 0;
  for (let e = 0; e < weights.length; e++) most = Math.max(most, weights[e]);
  const least = fround(most / epochs);
  const starts = new Uint32Array(cells + 1);
  const tails = new Uint32Array(weights.length);
  const rates = new Uint32Array(weights.length);
  let end = 0;
  for (let i = 0; i < cells; i++) {
    for (let e = i * k; e < (i + 1) * k; e++) {
      if (weights[e] < least || weights[e] === 0) continue;
      tails[end] = indices[e];
      rates[end++] = rateOf(weights[e], most);
    }
    starts[i + 1] = end;
  }
  return { starts, tails: tails.subarray(0, end), rates: rates.subarray(0, end) };
}

/**
 * Computes the coordinates of the new cells, cells × dims, row-major.
 *
 * @param fitted coordinates of the fitted cells, row-major; they are not moved
 */
export async function transformByRankloom(
  neighbors: FittedNeighbors,
  fitted: Float32Array,
  parameters: TransformParameters,
  { random, onEpoch, team }: TeamRun,
): Promise<Float32Array> {
  const { dims, minDist, spread, localConnectivity, negativeSamples, repulsion } = parameters;
  const { cells } = neighbors;
  const epochs =
    parameters.epochs === null ? (cells <= 10_000 ? 100 : 30) : Math.floor(parameters.epochs / 3);
  // One less than in a fit, since a new cell is not among the fitted cells.
  const { memberships: weights } = await smoothKnn(neighbors, Math.max(0, localConnectivity - 1));
  const start = startBetween(neighbors, weights, fitted, dims);
  if (epochs < 2 || cells === 0) return start;
  const edges = edgesToFitted(neighbors, weights, epochs);
  const curve = fitCurve(minDist, spread);
  const keys = epochKeys(random, epochs);
  const forces = { ...curve, epochs, learningRate: LEARNING_RATE, negativeSamples, repulsion, keys };
  return runLayout(layoutJob(planMoves(edges, 1), forces, start, dims, 1, fitted), team, onEpoch);
}
