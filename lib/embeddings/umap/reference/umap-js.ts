/**
 * Layout by the umap-js library (PAIR-code/umap-js 1.4.0) on given neighbours. The library differs from umap-learn:
 *
 * - Points start at random places in a cube of side 20, not from the spectrum of the graph. Clusters are as tight as
 *   umap-learn's, but their relative places mean less.
 * - Its fit of the curve moves the points below `minDist` instead of setting them to 1: a = 1.569, b = 0.894 for the
 *   defaults, not 1.577 and 0.895.
 * - Points that coincide repel each other; in umap-learn they do not.
 *
 * This file replaces parts of the library: exact neighbours instead of its approximate search, the number of epochs by
 * umap-learn's rule, random numbers from a seeded stream, and arithmetic that is the same on all machines.
 */
import type { Neighbors } from '../../../data/kinds/types.ts';
import { epochsFor, type LayoutParameters, type LayoutRun } from '../parameters.ts';
import { withPortableMath } from './portable-math.ts';

/** Number of epochs between two turns of the event loop, in which the worker can receive an abort. */
const EPOCHS_PER_TURN = 10;

/**
 * Computes a layout, cells × dims, row-major. `neighbors.k` is the number of neighbours with the cell itself counted; with
 * at most k cells, it is reduced to one less than the number of cells, as in umap-learn. A single cell is at the origin.
 */
export async function layoutByUmapJs(
  neighbors: Neighbors,
  parameters: LayoutParameters,
  { random, onEpoch, signal }: LayoutRun,
): Promise<Float32Array> {
  const cells = neighbors.cellIds.length;
  const { dims, minDist, spread } = parameters;
  if (cells < 2) return new Float32Array(cells * dims);

  const { UMAP } = await import('umap-js');
  const k = Math.min(neighbors.k, cells - 1);
  const total = epochsFor(cells, parameters.epochs);
  const umap = new UMAP({
    nComponents: dims,
    nNeighbors: k,
    minDist,
    spread,
    nEpochs: total,
    // 32 bits are enough for initial positions and for choosing among cells, at half the cost of 53.
    random: () => random.uint32() / 4294967296,
  });
  // Two cells must be each other's neighbours, although the number of neighbours is 1 here.
  const { indices, distances } = neighborRows(neighbors, Math.max(k, 2));
  umap.setPrecomputedKNN(indices, distances);
  // With given neighbours, the library reads only the length of the data.
  withPortableMath(() => umap.initializeFit(new Array(cells)));
  useTypedArrays((umap as unknown as { optimizationState: LayoutState }).optimizationState);
  for (let epoch = 0; epoch < total; epoch++) {
    if (epoch % EPOCHS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    withPortableMath(() => umap.step());
    onEpoch?.(epoch + 1, total);
  }
  return flat(umap.getEmbedding(), dims);
}

/** Returns the first `width` neighbours of each cell in the form that the library takes. */
function neighborRows(neighbors: Neighbors, width: number): { indices: number[][]; distances: number[][] } {
  const indices: number[][] = [];
  const distances: number[][] = [];
  for (let i = 0; i < neighbors.cellIds.length; i++) {
    const start = i * neighbors.k;
    indices.push(Array.from(neighbors.indices.subarray(start, start + width)));
    const row = Array.from(neighbors.distances.subarray(start, start + width));
    // For each cell with all neighbours at distance 0, the library averages the distances of all cells anew, for a scale
    // that has no effect: every weight is 1, as it is for distances that are all 1.
    distances.push(row.some((distance) => distance > 0) ? row : row.fill(1));
  }
  return { indices, distances };
}

/** State that the library's layout reads and writes in every step; it is private to the library, hence the pinned version. */
interface LayoutState {
  headEmbedding: ArrayLike<number>[];
  epochsPerSample: ArrayLike<number>;
  epochOfNextSample: ArrayLike<number>;
  epochsPerNegativeSample: ArrayLike<number>;
  epochOfNextNegativeSample: ArrayLike<number>;
}

/**
 * Replaces the library's plain arrays of numbers, before the first step, by typed arrays of the same numbers.
 * Depending on what ran before, the engine may have chosen to box every number of a plain array; each step
 * then allocates, and the layout takes four times as long.
 */
function useTypedArrays(state: LayoutState): void {
  const points = state.headEmbedding;
  for (let i = 0; i < points.length; i++) points[i] = Float64Array.from(points[i]);
  state.epochsPerSample = Float64Array.from(state.epochsPerSample);
  state.epochOfNextSample = Float64Array.from(state.epochOfNextSample);
  state.epochsPerNegativeSample = Float64Array.from(state.epochsPerNegativeSample);
  state.epochOfNextNegativeSample = Float64Array.from(state.epochOfNextNegativeSample);
}

function flat(points: readonly ArrayLike<number>[], dims: number): Float32Array {
  const values = new Float32Array(points.length * dims);
  for (const [i, point] of points.entries()) values.set(point, i * dims);
  return values;
}
