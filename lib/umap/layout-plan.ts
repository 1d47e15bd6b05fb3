/** The graph in the order in which a layout walks it. */
import { heaviest } from './epochs.ts';
import type { Graph } from './fuzzy-graph.ts';

export interface LayoutPlan {
  /** points × groups + 1: where the edges from a point to the points of each group start. */
  readonly segments: Uint32Array;
  /** The other end of each edge. */
  readonly tails: Uint32Array;
  /** How often an edge is sampled, in units of 2⁻³¹ an epoch: in proportion to its weight, the heaviest always. */
  readonly rates: Uint32Array;
  /** The same edge seen from its other end. */
  readonly mirrors: Uint32Array;
  /** Edges of the point that has most. */
  readonly mostEdges: number;
}

const ALWAYS = 2 ** 31;

/** A weight as a rate of sampling, for the heaviest weight there is. */
export function rateOf(weight: number, heaviestWeight: number): number {
  return Math.round((weight / heaviestWeight) * ALWAYS);
}

/**
 * Sorts each point's edges by the group of the other end (its number modulo `groups`), then by its number.
 *
 * @param graph symmetric
 */
export function planLayout(graph: Graph, groups: number): LayoutPlan {
  const { cells, indptr, indices, weights } = graph;
  const edges = indices.length;
  const segments = new Uint32Array(cells * groups + 1);
  for (let head = 0; head < cells; head++) {
    for (let e = indptr[head]; e < indptr[head + 1]; e++)
      segments[indices[e] * groups + (head % groups) + 1]++;
  }
  for (let s = 0; s < cells * groups; s++) segments[s + 1] += segments[s];

  // The edges to the points of a group, these in ascending order, fall into each row in its order.
  const next = segments.slice(0, cells * groups);
  const tails = new Uint32Array(edges);
  const rates = new Uint32Array(edges);
  const most = heaviest(graph);
  for (let group = 0; group < groups; group++) {
    for (let head = group; head < cells; head += groups) {
      for (let e = indptr[head]; e < indptr[head + 1]; e++) {
        const slot = next[indices[e] * groups + group]++;
        tails[slot] = head;
        rates[slot] = rateOf(weights[e], most);
      }
    }
  }
  // Walked in that order once more, the rows meet the edges back in theirs.
  next.set(segments.subarray(0, cells * groups));
  const mirrors = new Uint32Array(edges);
  for (let group = 0; group < groups; group++) {
    for (let head = group; head < cells; head += groups) {
      for (let e = segments[head * groups]; e < segments[(head + 1) * groups]; e++) {
        mirrors[e] = next[tails[e] * groups + group]++;
      }
    }
  }
  let mostEdges = 0;
  for (let head = 0; head < cells; head++) mostEdges = Math.max(mostEdges, indptr[head + 1] - indptr[head]);
  return { segments, tails, rates, mirrors, mostEdges };
}
