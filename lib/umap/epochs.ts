/** How often each edge is drawn in the rounds of gradient descent, and which edges never would be. */
import type { Graph } from './fuzzy-graph.ts';
import { epochsFor } from './parameters.ts';

/** With this many epochs or fewer, umap-learn prunes as if it had the default number. */
const FEW_EPOCHS = 10;

export function heaviest({ weights }: Graph): number {
  let most = 0;
  for (let e = 0; e < weights.length; e++) if (weights[e] > most) most = weights[e];
  return most;
}

/** The graph without the edges that are so weak, w < w_max / epochs, that no epoch would draw them. */
export function pruneForEpochs(graph: Graph, epochs: number): Graph {
  const rounds = epochs > FEW_EPOCHS ? epochs : epochsFor(graph.cells, null);
  const least = Math.fround(heaviest(graph) / rounds);
  const { cells } = graph;
  const indptr = new Uint32Array(cells + 1);
  let kept = 0;
  for (let e = 0; e < graph.weights.length; e++) if (graph.weights[e] >= least) kept++;
  const indices = new Uint32Array(kept);
  const weights = new Float32Array(kept);
  let end = 0;
  for (let i = 0; i < cells; i++) {
    for (let e = graph.indptr[i]; e < graph.indptr[i + 1]; e++) {
      if (graph.weights[e] < least) continue;
      indices[end] = graph.indices[e];
      weights[end++] = graph.weights[e];
    }
    indptr[i + 1] = end;
  }
  return { cells, indptr, indices, weights };
}

/** After how many epochs each edge is drawn again: w_max / w; the heaviest in every one. */
export function epochsPerSample(graph: Graph): Float32Array {
  const most = heaviest(graph);
  return graph.weights.map((weight) => most / weight);
}
