/** The edges of the graph as the layout walks them. */
import { epochsPerSample } from './epochs.ts';
import type { Graph } from './fuzzy-graph.ts';

/** Sorted by head, then tail. Every pair of joined cells stands twice, once in each direction. */
export interface Edges {
  readonly head: Uint32Array;
  readonly tail: Uint32Array;
  /** Epochs from one draw of the edge to the next, from 1. */
  readonly epochsPerSample: Float32Array;
}

/** `tail` is the memory of the graph's `indices`, not a copy. */
export function edgesOf(graph: Graph): Edges {
  const { cells, indptr, indices } = graph;
  const head = new Uint32Array(indices.length);
  for (let i = 0; i < cells; i++) head.fill(i, indptr[i], indptr[i + 1]);
  return { head, tail: indices, epochsPerSample: epochsPerSample(graph) };
}
