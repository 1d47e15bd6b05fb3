/**
 * D^(−1/2) W D^(−1/2) of a graph with weights W and degrees D. Its largest eigenvalues are 1 minus the smallest of
 * the symmetric normalised Laplacian, with the same eigenvectors.
 */
import { BLOCK } from './basis.ts';
import type { Operator } from './chebyshev-davidson.ts';
import type { Graph } from './fuzzy-graph.ts';

/** √ of the sum of weights of each cell. */
export function rootDegrees({ cells, indptr, weights }: Graph): Float64Array {
  const roots = new Float64Array(cells);
  for (let i = 0; i < cells; i++) {
    let degree = 0;
    for (let e = indptr[i]; e < indptr[i + 1]; e++) degree += weights[e];
    roots[i] = Math.sqrt(degree);
  }
  return roots;
}

/** As a full matrix, for small graphs; n × n. */
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

/** As an operator on panels. Every cell must have an edge. */
export function adjacencyOperator(graph: Graph, roots: Float64Array): Operator {
  const { cells, indptr, indices, weights } = graph;
  const scaled = new Float64Array(cells * BLOCK);
  return {
    n: cells,
    apply(x, y) {
      for (let i = 0; i < cells; i++) {
        const scale = 1 / roots[i];
        for (let at = i * BLOCK; at < (i + 1) * BLOCK; at++) scaled[at] = x[at] * scale;
      }
      for (let i = 0; i < cells; i++) {
        let s0 = 0;
        let s1 = 0;
        let s2 = 0;
        let s3 = 0;
        let s4 = 0;
        let s5 = 0;
        let s6 = 0;
        let s7 = 0;
        for (let e = indptr[i]; e < indptr[i + 1]; e++) {
          const weight = weights[e];
          const from = indices[e] * BLOCK;
          s0 += weight * scaled[from];
          s1 += weight * scaled[from + 1];
          s2 += weight * scaled[from + 2];
          s3 += weight * scaled[from + 3];
          s4 += weight * scaled[from + 4];
          s5 += weight * scaled[from + 5];
          s6 += weight * scaled[from + 6];
          s7 += weight * scaled[from + 7];
        }
        const to = i * BLOCK;
        const scale = 1 / roots[i];
        y[to] = s0 * scale;
        y[to + 1] = s1 * scale;
        y[to + 2] = s2 * scale;
        y[to + 3] = s3 * scale;
        y[to + 4] = s4 * scale;
        y[to + 5] = s5 * scale;
        y[to + 6] = s6 * scale;
        y[to + 7] = s7 * scale;
      }
    },
  };
}
