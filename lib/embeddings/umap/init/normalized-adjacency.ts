/**
 * Normalised adjacency D^(−1/2) W D^(−1/2) of a graph with weights W and degrees D. Its largest eigenvalues are 1 minus the
 * smallest of the symmetric normalised Laplacian, with the same eigenvectors.
 */
import type { SparseRows } from '../../../kernels/panels.ts';
import type { Graph } from '../graph/graph.ts';

/** Square roots of the degrees, the sums of the weights of each cell. */
export function rootDegrees({ cells, indptr, weights }: Graph): Float64Array {
  const roots = new Float64Array(cells);
  for (let i = 0; i < cells; i++) {
    let degree = 0;
    for (let e = indptr[i]; e < indptr[i + 1]; e++) degree += weights[e];
    roots[i] = Math.sqrt(degree);
  }
  return roots;
}

/** Returns the normalised adjacency as a full matrix, n × n, for small graphs. */
export function denseAdjacency(graph: Graph, roots: Float64Array): Float64Array {
  const { cells, indptr, indices, weights } = graph;
  const matrix = new Float64Array(cells * cells);
  for (let i = 0; i < cells; i++) {
    for (let e = indptr[i]; e < indptr[i + 1]; e++) {
      matrix[i * cells + indices[e]] = weights[e] / (roots[i] * roots[indices[e]]);
    }
  }
  return matrix;
}

/** Returns the normalised adjacency as a sparse matrix. Every cell must have an edge. */
export function sparseAdjacency({ cells, indptr, indices, weights }: Graph, roots: Float64Array): SparseRows {
  const scaled = new Float64Array(indices.length);
  for (let i = 0; i < cells; i++) {
    for (let e = indptr[i]; e < indptr[i + 1]; e++) scaled[e] = weights[e] / (roots[i] * roots[indices[e]]);
  }
  return { indptr, indices, weights: scaled };
}
