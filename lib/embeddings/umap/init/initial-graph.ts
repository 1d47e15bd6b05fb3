/**
 * All of UMAP that comes before the layout: from the neighbours of the cells to the graph, the curve and the
 * start. McInnes, Healy and Melville, 2018; as in umap-learn 0.5.
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

/** `principalComponents` and `centroidDistances` are what the neighbours alone do not tell. */
export interface PrepareOptions
  extends FuzzyOptions,
    Pick<InitialOptions, 'dims' | 'init' | 'principalComponents' | 'centroidDistances'> {
  /** Distance below which points of the layout count as close together, at most `spread`. */
  readonly minDist: number;
  readonly spread: number;
  /** null: as many as `epochsFor` says. */
  readonly epochs: number | null;
}

export interface PreparedLayout {
  /** Pruned of the edges that no epoch would draw. */
  readonly graph: Graph;
  /** Membership of two points at distance d in the layout: 1 / (1 + a·d^(2b)). */
  readonly a: number;
  readonly b: number;
  readonly epochs: number;
  /** Coordinates to start from, cells × dims, row-major, each axis from 0 to 10. */
  readonly initial: Float32Array;
}

export interface PrepareHooks {
  readonly signal?: AbortSignal;
  readonly team?: Team;
  /** Called with what the user should know about the start. */
  readonly onNote?: (note: string) => void;
  /** Called with the graph while its start is looked for: this thread has nothing to do where a team looks. */
  readonly meanwhile?: (graph: Graph) => void;
}

/**
 * With no more than `neighbors.k` cells, the number of neighbours is cut to one less than there are cells, as in
 * umap-learn. A single cell stands at the origin.
 *
 * @param random a stream of its own, of which the streams `at` its numbers are used
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

/** Of two cells each stays the other's neighbour, which a cut to one less than two would undo. */
function fewerThanCells(neighbors: Neighbors) {
  const cells = neighbors.cellIds.length;
  const { k, indices, distances } = firstNeighbors(neighbors, Math.max(2, cells - 1));
  return { cells, k, indices, distances };
}
