/** The layout in plain double precision, one thing after the other: what the kernel is held to. */
import type { Graph } from '../../lib/umap/fuzzy-graph.ts';
import type { Forces } from '../../lib/umap/layout-memory.ts';

const GROUPS = 8;

const scramble = (word: number): number => {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
};

const clip = (x: number) => Math.max(-4, Math.min(4, x));

/** The heads' edges sorted as the layout does, by group of the tail and then by tail. */
export function sortedEdges({ cells, indptr, indices, weights }: Graph, groups = GROUPS) {
  return Array.from({ length: cells }, (_, head) =>
    Array.from(indices.subarray(indptr[head], indptr[head + 1]), (tail, e) => ({
      tail,
      weight: weights[indptr[head] + e],
    })).sort((x, y) => (x.tail % groups) - (y.tail % groups) || x.tail - y.tail),
  );
}

/** `start` after the epochs, cells × dims. */
export function layoutOracle(graph: Graph, forces: Forces, start: Float32Array, dims: number): Float64Array {
  const { a, b, epochs, negativeSamples, repulsion, keys, learningRate } = forces;
  const { cells } = graph;
  const edges = sortedEdges(graph);
  const heaviest = Math.max(...graph.weights);
  const now = Float64Array.from(start);
  const pull = (d2: number) => (d2 > 0 ? (-2 * a * b * d2 ** (b - 1)) / (1 + a * d2 ** b) : 0);
  const push = (d2: number) => (d2 > 0 ? (2 * repulsion * b) / ((0.001 + d2) * (1 + a * d2 ** b)) : 0);

  for (let epoch = 1; epoch < epochs; epoch++) {
    const rate = learningRate * (1 - (epoch - 1) / epochs);
    for (let group = 0; group < GROUPS; group++) {
      const seen = now.slice();
      const owed = new Float64Array(now.length);
      let slot = 0;
      for (let head = 0; head < cells; slot += edges[head].length, head++) {
        if (head % GROUPS !== group) continue;
        const act = (target: number, force: (d2: number) => number, isEdge: boolean) => {
          const apart = Array.from(
            { length: dims },
            (_, d) => now[head * dims + d] - seen[target * dims + d],
          );
          const factor = force(apart.reduce((sum, x) => sum + x * x, 0));
          for (let d = 0; d < dims; d++) {
            const step = clip(factor * apart[d]) * rate;
            now[head * dims + d] += step;
            if (isEdge) owed[target * dims + d] -= step;
          }
        };
        let counter = slot * negativeSamples;
        for (const { tail, weight } of edges[head]) {
          const share = Math.round((weight / heaviest) * 2 ** 31) / 2 ** 31;
          if (Math.floor(epoch * share) === Math.floor((epoch - 1) * share)) continue;
          act(tail, pull, true);
          for (let n = 0; n < negativeSamples; n++, counter++) {
            const word = scramble(scramble((counter + keys[2 * epoch]) | 0) ^ keys[2 * epoch + 1]);
            const target = Number((BigInt(word) * BigInt(cells)) >> 32n);
            if (target !== head) act(target, push, false);
          }
        }
      }
      for (let e = 0; e < now.length; e++) now[e] += owed[e];
    }
  }
  return now;
}
