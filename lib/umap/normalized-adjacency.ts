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
  const { cells, indptr, indices } = graph;
  const weights = new Float64Array(indices.length);
  for (let i = 0; i < cells; i++) {
    for (let e = indptr[i]; e < indptr[i + 1]; e++) {
      weights[e] = graph.weights[e] / (roots[i] * roots[indices[e]]);
    }
  }
  return {
    n: cells,
    advance(x, y, factor, shift, decline) {
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
          s0 += weight * x[from];
          s1 += weight * x[from + 1];
          s2 += weight * x[from + 2];
          s3 += weight * x[from + 3];
          s4 += weight * x[from + 4];
          s5 += weight * x[from + 5];
          s6 += weight * x[from + 6];
          s7 += weight * x[from + 7];
        }
        const at = i * BLOCK;
        y[at] = factor * (s0 - shift * x[at]) - decline * y[at];
        y[at + 1] = factor * (s1 - shift * x[at + 1]) - decline * y[at + 1];
        y[at + 2] = factor * (s2 - shift * x[at + 2]) - decline * y[at + 2];
        y[at + 3] = factor * (s3 - shift * x[at + 3]) - decline * y[at + 3];
        y[at + 4] = factor * (s4 - shift * x[at + 4]) - decline * y[at + 4];
        y[at + 5] = factor * (s5 - shift * x[at + 5]) - decline * y[at + 5];
        y[at + 6] = factor * (s6 - shift * x[at + 6]) - decline * y[at + 6];
        y[at + 7] = factor * (s7 - shift * x[at + 7]) - decline * y[at + 7];
      }
    },
  };
}
