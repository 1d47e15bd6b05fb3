/**
 * Preparation of a UMAP layout: from the neighbours of the cells to the graph, the curve and the initial coordinates
 * (McInnes, Healy and Melville, 2018; as in umap-learn 0.5).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { firstNeighbors } from '../../../data/kinds/neighbors.ts';
import type { Neighbors } from '../../../data/kinds/types.ts';
import type { RandomStream } from '../../../flow/random.ts';
import type { Team } from '../../../flow/workers/parallel.ts';
import { fitCurve } from '../curve.ts';
import { type FuzzyOptions, fuzzyGraph } from '../graph/fuzzy-graph.ts';
import type { Graph } from '../graph/graph.ts';
import { epochsFor } from '../parameters.ts';
import { type InitialOptions, initialCoordinates } from './initial.ts';

/** Options of the preparation. `principalComponents` and `centroidDistances` need data beyond the neighbours. */
export interface PrepareOptions
  extends FuzzyOptions,
    Pick<InitialOptions, 'dims' | 'init' | 'principalComponents' | 'centroidDistances'> {
  /** Distance below which points of the layout count as close together, at most `spread`. */
  readonly minDist: number;
  readonly spread: number;
  /** Number of epochs; null: the result of `epochsFor`. */
  readonly epochs: number | null;
}

export interface PreparedLayout {
  /** Graph without the edges that no epoch would draw. */
  readonly graph: Graph;
  /** Membership of two points at distance d in the layout: 1 / (1 + a·d^(2b)). */
  readonly a: number;
  readonly b: number;
  readonly epochs: number;
  /** Initial coordinates, cells × dims, row-major, each axis from 0 to 10. */
  readonly initial: Float32Array;
}

export interface PrepareHooks {
  readonly signal?: AbortSignal;
  readonly team?: Team;
  /** Called with notes for the user about the initial coordinates. */
  readonly onNote?: (note: string) => void;
  /** Called with the graph while its initial coordinates are computed: this thread is idle while a team computes them. */
  readonly meanwhile?: (graph: Graph) => void;
}

/**
 * Computes the graph, the curve and the initial coordinates of a layout. With at most `neighbors.k` cells, the number of
 * neighbours is reduced to one less than the number of cells, as in umap-learn. A single cell is at the origin.
 *
 * @param random separate stream, of which the substreams `at` numbers are used
 */
export async function prepareLayout(
  neighbors: Neighbors,
  options: PrepareOptions,
  random: RandomStream,
  { signal, team, onNote, meanwhile }: PrepareHooks = {},
): Promise<PreparedLayout> {
  const cells = neighbors.cellIds.length;
  const epochs = epochsFor(cells, options.epochs);
  const graph = await fuzzyGraph(fewerThanCells(neighbors), options, epochs);
  signal?.throwIfAborted();
  const { dims, init, principalComponents, centroidDistances } = options;
  const start = initialCoordinates(graph, {
    dims,
    init,
    principalComponents,
    centroidDistances,
    random,
    signal,
    team,
    onNote,
  });
  const [initial] = await Promise.all([start, nextTurn().then(() => meanwhile?.(graph))]);
  return { graph, ...fitCurve(options.minDist, options.spread), epochs, initial };
}

/**
 * Limits the number of neighbours to one less than the number of cells, but at least two: of two cells, each must remain
 * the other's neighbour.
 */
function fewerThanCells(neighbors: Neighbors) {
  const cells = neighbors.cellIds.length;
  const { k, indices, distances } = firstNeighbors(neighbors, Math.max(2, cells - 1));
  return { cells, k, indices, distances };
}
