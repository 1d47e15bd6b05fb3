/** What umap-learn and scipy made of a few cells, and the cells: see test/golden/umap/make_graph.py. */
import { readFileSync } from 'node:fs';
import type { NeighborTable } from '../../../lib/embeddings/umap/graph/fuzzy-graph.ts';

interface Golden {
  /** minDist, spread, a, b */
  curves: [number, number, number, number][];
  fuzzy: {
    mix: number;
    connectivity: number;
    edges: number;
    rho: string;
    sigma: string;
    weights: string;
  }[];
  spectrum: { edges: number; eigenvalues: number[]; vectors: string };
  places: { distances: number[]; places: number[] };
}

export const golden: Golden = JSON.parse(
  readFileSync(new URL('../../golden/umap/graph.json', import.meta.url), 'utf8'),
);

export function unpack(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
}

/** Whole numbers by the rule of make_graph.py. */
export function makeCells(
  cells: number,
  dims: number,
  types: number,
  spread: number,
  seed: number,
): number[][] {
  let state = seed;
  const draw = (n: number) => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return (state >>> 8) % n;
  };
  const centres = Array.from({ length: types }, () => Array.from({ length: dims }, () => draw(1000)));
  return Array.from({ length: cells }, (_, i) =>
    centres[i % types].map((centre) => centre + draw(spread) + draw(spread) + draw(spread) + draw(spread)),
  );
}

/** The 240 cells of the fuzzy graphs: 3 coincide with one other each, and 14 all with one. */
export function cellsWithDuplicates(): number[][] {
  const points = makeCells(240, 4, 5, 90, 11);
  for (let i = 0; i < 3; i++) points[30 + i] = points[5 + i];
  for (let i = 200; i < 214; i++) points[i] = points[199];
  return points;
}

/** Exact neighbours: the cell itself first, then others by distance, ties by row number. */
export function neighborsOf(points: readonly (readonly number[])[], k: number): NeighborTable {
  const cells = points.length;
  const indices = new Int32Array(cells * k);
  const distances = new Float32Array(cells * k);
  const squares = new Float64Array(cells);
  const order = new Uint32Array(cells);
  for (let i = 0; i < cells; i++) {
    for (let j = 0; j < cells; j++) {
      squares[j] = points[i].reduce((sum, x, d) => sum + (x - points[j][d]) ** 2, 0);
      order[j] = j;
    }
    squares[i] = -1;
    order.sort((a, b) => squares[a] - squares[b] || a - b);
    for (let e = 0; e < k; e++) {
      indices[i * k + e] = order[e];
      distances[i * k + e] = Math.sqrt(Math.max(0, squares[order[e]]));
    }
  }
  return { cells, k, indices, distances };
}
