/** The parts of a graph that no edge joins. */
import type { Graph } from './fuzzy-graph.ts';

export interface Components {
  readonly count: number;
  /** Component of each cell; numbered in the order of their first cells. */
  readonly labels: Uint32Array;
  /**
   * Cells of each component from its first one outwards, breadth first: cells that are joined stand near each
   * other, which makes products with the graph several times as fast when it is larger than the caches.
   */
  readonly members: readonly Uint32Array[];
}

export function connectedComponents({ cells, indptr, indices }: Graph): Components {
  const labels = new Uint32Array(cells).fill(cells);
  const queue = new Uint32Array(cells);
  const members: Uint32Array[] = [];
  for (let root = 0, start = 0; root < cells; root++) {
    if (labels[root] !== cells) continue;
    const label = members.length;
    labels[root] = label;
    queue[start] = root;
    let end = start + 1;
    for (let from = start; from < end; from++) {
      const cell = queue[from];
      for (let e = indptr[cell]; e < indptr[cell + 1]; e++) {
        if (labels[indices[e]] !== cells) continue;
        labels[indices[e]] = label;
        queue[end++] = indices[e];
      }
    }
    members.push(queue.subarray(start, end));
    start = end;
  }
  return { count: members.length, labels, members };
}

/**
 * One component as a graph of its own, its cells in the order of `members`. Within a row, columns do not ascend.
 *
 * @param numbers room for one number for each cell of the graph; overwritten
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
