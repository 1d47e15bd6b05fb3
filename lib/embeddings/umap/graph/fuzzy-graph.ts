/**
 * Fuzzy graph of the cells: the strength with which each cell is a neighbour of each other cell. Memberships decay with the
 * distance beyond ρ, on the scale σ, and the two memberships of a pair are united (umap-learn's `fuzzy_simplicial_set`),
 * in 32-bit floats as there.
 */
import { leastWeight } from './epochs.ts';
import { allocateRows, openFuzzyKernel } from './fuzzy-kernel.ts';
import type { Graph } from './graph.ts';
import { findScales, type NeighborDistances } from './smooth-knn.ts';

/** Neighbours of the cells; `indices`, like `distances`, are cells × k. */
export interface NeighborTable extends NeighborDistances {
  readonly indices: Int32Array;
}

export interface FuzzyOptions {
  /** Mix of union and intersection. 1: a pair is joined if either cell has the other as a neighbour; 0: only if both do. */
  readonly setOpMixRatio: number;
  readonly localConnectivity: number;
}

/**
 * Computes the fuzzy graph from the neighbours of the cells.
 *
 * @param epochs if given, edges so weak that none of this many epochs would draw them are removed
 */
export async function fuzzyGraph(
  neighbors: NeighborTable,
  { localConnectivity, setOpMixRatio }: FuzzyOptions,
  epochs?: number,
): Promise<Graph> {
  const { cells, k, indices } = neighbors;
  const kernel = await openFuzzyKernel();
  const { run, room } = kernel;
  const { memberships } = findScales(kernel, neighbors, localConnectivity);
  const table = room.allocate(indices.byteLength);
  room.int32(table, indices.length).set(indices);

  const there = allocateRows(room, cells, indices.length);
  const back = allocateRows(room, cells, indices.length);
  const next = room.allocate((cells + 1) * 4);
  const edges = run.addDirected(
    cells,
    k,
    table,
    memberships,
    there.starts,
    there.columns,
    there.weights,
    back.starts,
  );
  run.countsToStarts(cells, back.starts);
  room.uint32(next, cells).set(room.uint32(back.starts, cells));
  run.transpose(cells, there.starts, there.columns, there.weights, next, back.columns, back.weights);

  const both = allocateRows(room, cells, 2 * edges);
  const heaviest = run.unite(
    cells,
    there.starts,
    there.columns,
    there.weights,
    back.starts,
    back.columns,
    back.weights,
    both.starts,
    both.columns,
    both.weights,
    setOpMixRatio,
    1 - setOpMixRatio,
  );
  const least = epochs === undefined ? 0 : leastWeight(cells, epochs, heaviest);
  const left = run.prune(cells, both.starts, both.columns, both.weights, least);
  // Copied, so that the kernel's memory can be released.
  return {
    cells,
    indptr: room.uint32(both.starts, cells + 1).slice(),
    indices: room.uint32(both.columns, left).slice(),
    weights: room.float32(both.weights, left).slice(),
  };
}
