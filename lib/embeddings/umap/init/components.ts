/** Connected components of a graph. */
import type { Graph } from '../graph/graph.ts';

export interface Components {
  readonly count: number;
  /** Component of each cell; components are numbered in the order of their first cells. */
  readonly labels: Uint32Array;
  /**
   * Cells of each component in breadth-first order from its first cell. Connected cells are then close in memory, which
   * makes products with the graph several times as fast when it is larger than the caches.
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
      const last = indptr[cell + 1];
      for (let e = indptr[cell]; e < last; e++) {
        const other = indices[e];
        if (labels[other] !== cells) continue;
        labels[other] = label;
        queue[end++] = other;
      }
    }
    members.push(queue.subarray(start, end));
    start = end;
  }
  return { count: members.length, labels, members };
}

/**
 * Extracts one component as a graph, its cells in the order of `members`. Within a row, columns do not ascend.
 *
 * @param numbers scratch, one number for each cell of the graph; overwritten
 */
export function componentGraph(graph: Graph, members: Uint32Array, numbers: Uint32Array): Graph {
  const { indptr: starts, indices: columns, weights: all } = graph;
  const cells = members.length;
  const indptr = new Uint32Array(cells + 1);
  for (let m = 0; m < cells; m++) {
    const cell = members[m];
    numbers[cell] = m;
    indptr[m + 1] = indptr[m] + starts[cell + 1] - starts[cell];
  }
  const indices = new Uint32Array(indptr[cells]);
  const weights = new Float32Array(indices.length);
  for (let m = 0, to = 0; m < cells; m++) {
    const cell = members[m];
    const end = starts[cell + 1];
    for (let e = starts[cell]; e < end; e++) {
      indices[to] = numbers[columns[e]];
      weights[to++] = all[e];
    }
  }
  return { cells, indptr, indices, weights };
}
