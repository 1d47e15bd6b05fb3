/** The parts of a graph that no edge joins. */
import type { Graph } from './fuzzy-graph.ts';

export interface Components {
  readonly count: number;
  /** Component of each cell; numbered in the order of their first cells. */
  readonly labels: Uint32Array;
}

export function connectedComponents({ cells, indptr, indices }: Graph): Components {
  const labels = new Uint32Array(cells).fill(cells);
  const queue = new Uint32Array(cells);
  let count = 0;
  for (let root = 0; root < cells; root++) {
    if (labels[root] !== cells) continue;
    labels[root] = count;
    queue[0] = root;
    for (let from = 0, to = 1; from < to; from++) {
      const cell = queue[from];
      for (let e = indptr[cell]; e < indptr[cell + 1]; e++) {
        if (labels[indices[e]] !== cells) continue;
        labels[indices[e]] = count;
        queue[to++] = indices[e];
      }
    }
    count++;
  }
  return { count, labels };
}

/** The cells of each component, ascending. */
export function membersOf({ count, labels }: Components): Uint32Array[] {
  const sizes = new Uint32Array(count);
  for (let i = 0; i < labels.length; i++) sizes[labels[i]]++;
  const members = Array.from(sizes, (size) => new Uint32Array(size));
  sizes.fill(0);
  for (let i = 0; i < labels.length; i++) members[labels[i]][sizes[labels[i]]++] = i;
  return members;
}

/**
 * One component as a graph of its own.
 *
 * @param numbers room for one number a cell; overwritten
 */
export function componentGraph(graph: Graph, members: Uint32Array, numbers: Uint32Array): Graph {
  const indptr = new Uint32Array(members.length + 1);
  for (let m = 0; m < members.length; m++) {
    numbers[members[m]] = m;
    indptr[m + 1] = indptr[m] + graph.indptr[members[m] + 1] - graph.indptr[members[m]];
  }
  const indices = new Uint32Array(indptr[members.length]);
  const weights = new Float32Array(indices.length);
  for (let m = 0, to = 0; m < members.length; m++) {
    for (let e = graph.indptr[members[m]]; e < graph.indptr[members[m] + 1]; e++) {
      indices[to] = numbers[graph.indices[e]];
      weights[to++] = graph.weights[e];
    }
  }
  return { cells: members.length, indptr, indices, weights };
}
