/** The layout in plain double precision, one thing after the other: what the kernel is held to. */
import type { Graph } from '../../../lib/embeddings/umap/graph/graph.ts';
import { forceFactors } from '../../../lib/embeddings/umap/layout/force-tables.ts';
import type { Forces } from '../../../lib/embeddings/umap/layout/layout-memory.ts';
import type { MoveTable } from '../../../lib/embeddings/umap/layout/layout-plan.ts';

export const GROUPS = 16;

/** Lowbias32, with keys before and in between. */
const scramble = (counter: number, key0: number, key1: number): number => {
  let x = (counter + key0) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d) ^ key1;
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
};

const MULTIPLIER = 0xadb4a92d;

/** The points that are drawn for the edge of a number, of `cells`. */
export function drawsOf(number: number, count: number, cells: number, key0: number, key1: number): number[] {
  let bits = scramble(number, key0, key1);
  return Array.from({ length: count }, () => {
    const target = Number((BigInt(bits) * BigInt(cells)) >> 32n);
    bits = Math.imul(bits, MULTIPLIER) >>> 0;
    return target;
  });
}

const clip = (x: number) => Math.max(-4, Math.min(4, x));

/** `start` after the epochs, cells × dims. Edges are numbered and points drawn as in `plan`. */
export function layoutOracle(
  graph: Graph,
  { order, starts }: MoveTable,
  forces: Forces,
  start: Float32Array,
  dims: number,
): Float64Array {
  const { a, b, epochs, negativeSamples, repulsion, keys, learningRate } = forces;
  const { cells, indptr, indices, weights } = graph;
  const heaviest = Math.max(...weights);
  const edgesOf = (point: number) => indptr[point + 1] - indptr[point];
  const rates = Array.from(weights, (weight) => Math.round((weight / heaviest) * 2 ** 31));
  const numbers: number[] = [];
  for (const [place, point] of order.entries()) numbers[point] = starts[place];
  const now = Float64Array.from(start);
  const factors = forceFactors({ a, b }, repulsion);
  const pull = (d2: number) => (d2 > 0 ? factors.pull(d2) : 0);
  const { push } = factors;

  for (let epoch = 1; epoch < epochs; epoch++) {
    const rate = learningRate * (1 - (epoch - 1) / epochs);
    const isDue = (edge: number) => {
      const share = rates[edge] / 2 ** 31;
      return Math.floor(epoch * share) !== Math.floor((epoch - 1) * share);
    };
    for (let group = 0; group < GROUPS; group++) {
      const seen = now.slice();
      const owed = new Float64Array(now.length);
      const step = (place: Float64Array, target: number, force: (d2: number) => number) => {
        const apart = place.map((x, d) => x - seen[target * dims + d]);
        const factor = force(apart.reduce((sum, x) => sum + x * x, 0));
        return apart.map((x) => clip(factor * x) * rate);
      };
      /** How far one edge moves the point that stands at `place`. */
      const edgeMoves = (head: number, edge: number, number: number, at: Float64Array) => {
        const towards = step(at, indices[edge], pull);
        for (let d = 0; d < dims; d++) owed[indices[edge] * dims + d] -= towards[d];
        const from = at.map((x, d) => x + towards[d]);
        const moved = towards.slice();
        for (const drawn of drawsOf(number, negativeSamples, cells, keys[2 * epoch], keys[2 * epoch + 1])) {
          const target = order[drawn];
          if (target === head) continue;
          for (const [d, x] of step(from, target, push).entries()) moved[d] += x;
        }
        return moved;
      };
      const [first, end] = [group, group + 1].map((g) => Math.floor((g * cells) / GROUPS));
      for (let head = first; head < end; head++) {
        const due = Array.from({ length: edgesOf(head) }, (_, e) => indptr[head] + e).filter(isDue);
        for (const edge of due) {
          const place = now.slice(head * dims, (head + 1) * dims);
          const number = numbers[head] + edge - indptr[head];
          for (const [d, x] of edgeMoves(head, edge, number, place).entries()) now[head * dims + d] += x;
        }
      }
      for (let e = 0; e < now.length; e++) now[e] += owed[e];
    }
  }
  return now;
}
