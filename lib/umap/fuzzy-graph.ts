/**
 * The fuzzy graph of the cells: how strongly each cell is a neighbour of each other one. Memberships fade with
 * the distance beyond ρ at the rate of σ, and the views of the two cells of a pair are united (umap-learn's
 * `fuzzy_simplicial_set`). 32-bit floats as there.
 */
import { type LocalScales, type NeighborDistances, smoothKnn } from './smooth-knn.ts';

const { fround } = Math;

/** A symmetric matrix in rows (CSR): columns ascend within a row, the diagonal is empty, weights are above 0. */
export interface Graph {
  readonly cells: number;
  /** cells + 1 long. */
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly weights: Float32Array;
}

/** Neighbours of the cells: `indices` as `distances`, cells × k. */
export interface NeighborTable extends NeighborDistances {
  readonly indices: Int32Array;
}

export interface FuzzyOptions {
  /** 1: a pair is joined if either cell counts the other as a neighbour; 0: only if both do. */
  readonly setOpMixRatio: number;
  readonly localConnectivity: number;
}

export async function fuzzyGraph(neighbors: NeighborTable, options: FuzzyOptions): Promise<Graph> {
  const scales = await smoothKnn(neighbors, options.localConnectivity);
  const directed = directedGraph(neighbors, scales);
  return unite(directed, transpose(directed), options.setOpMixRatio);
}

/** Row i: how strongly the neighbours of cell i belong to its neighbourhood. Not symmetric. */
function directedGraph({ cells, k, indices }: NeighborTable, { memberships }: LocalScales): Graph {
  const indptr = new Uint32Array(cells + 1);
  const columns = new Uint32Array(cells * k);
  const weights = new Float32Array(cells * k);
  let end = 0;
  for (let i = 0; i < cells; i++) {
    const start = end;
    for (let e = i * k; e < (i + 1) * k; e++) {
      const column = indices[e];
      if (column === i) continue;
      const weight = memberships[e];
      if (weight === 0) continue;
      // Rows are short: each neighbour is put where it belongs by column.
      let slot = end++;
      for (; slot > start && columns[slot - 1] > column; slot--) {
        columns[slot] = columns[slot - 1];
        weights[slot] = weights[slot - 1];
      }
      columns[slot] = column;
      weights[slot] = weight;
    }
    indptr[i + 1] = end;
  }
  return { cells, indptr, indices: columns.subarray(0, end), weights: weights.subarray(0, end) };
}

function transpose({ cells, indptr, indices, weights }: Graph): Graph {
  const starts = new Uint32Array(cells + 1);
  for (let e = 0; e < indices.length; e++) starts[indices[e] + 1]++;
  for (let i = 0; i < cells; i++) starts[i + 1] += starts[i];
  const next = starts.slice(0, cells);
  const columns = new Uint32Array(indices.length);
  const turned = new Float32Array(indices.length);
  for (let i = 0; i < cells; i++) {
    for (let e = indptr[i]; e < indptr[i + 1]; e++) {
      const slot = next[indices[e]]++;
      columns[slot] = i;
      turned[slot] = weights[e];
    }
  }
  return { cells, indptr: starts, indices: columns, weights: turned };
}

/** mix · (A + Aᵀ − A∘Aᵀ) + (1 − mix) · A∘Aᵀ */
function unite(a: Graph, b: Graph, mix: number): Graph {
  const { cells } = a;
  const indptr = new Uint32Array(cells + 1);
  const indices = new Uint32Array(a.indices.length + b.indices.length);
  const weights = new Float32Array(indices.length);
  const wholeMix = fround(mix);
  const rest = fround(1 - mix);
  let end = 0;
  for (let i = 0; i < cells; i++) {
    let p = a.indptr[i];
    let q = b.indptr[i];
    const lastP = a.indptr[i + 1];
    const lastQ = b.indptr[i + 1];
    while (p < lastP || q < lastQ) {
      const fromA = p < lastP ? a.indices[p] : cells;
      const fromB = q < lastQ ? b.indices[q] : cells;
      const column = Math.min(fromA, fromB);
      const there = fromA === column ? a.weights[p++] : 0;
      const back = fromB === column ? b.weights[q++] : 0;
      const both = fround(there * back);
      const either = fround(fround(there + back) - both);
      const weight = fround(fround(wholeMix * either) + fround(rest * both));
      if (weight === 0) continue;
      indices[end] = column;
      weights[end++] = weight;
    }
    indptr[i + 1] = end;
  }
  // Copied, so that the room kept for pairs that turned out to be shared is given back.
  return { cells, indptr, indices: indices.slice(0, end), weights: weights.slice(0, end) };
}
