/**
 * Graph, spectral start and layout of many cells, without expression: cells are points of a few clusters in three
 * dimensions, some of them apart from all others, whose exact neighbours a grid finds.
 *
 *     node bench/layout.ts [cells [dims [threads]]]        default: 500,000 cells, 2 dimensions, all cores
 *
 * Prints the time of each step and the largest resident memory of the process (from /proc, so on Linux only), in
 * which neighbours, graph and layout lie as they do in a run.
 */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Neighbors } from '../lib/data/kinds/types.ts';
import { layoutByRankloom } from '../lib/embeddings/umap/umap.ts';
import { type RandomStream, randomSource } from '../lib/flow/random.ts';
import { runTeam } from '../lib/flow/workers/parallel.ts';

const K = 15;
/** Cells of a cluster. Its points fill a ball; those of neighbouring clusters mix at the rim, but for every tenth. */
const OF_CLUSTER = 5000;

function points(cells: number, random: RandomStream): Float32Array {
  const clusters = Math.ceil(cells / OF_CLUSTER);
  const side = Math.ceil(Math.cbrt(clusters));
  const values = new Float32Array(cells * 3);
  for (let i = 0; i < cells; i++) {
    const cluster = i % clusters;
    const apart = cluster % 10 === 9 ? 100 * cluster : 0;
    const centre = [cluster % side, Math.floor(cluster / side) % side, Math.floor(cluster / side / side)];
    for (let d = 0; d < 3; d++) {
      const spread = random.float64() + random.float64() + random.float64() - 1.5;
      values[3 * i + d] = apart + 3 * centre[d] + spread;
    }
  }
  return values;
}

/** Exact neighbours by a grid: cells of a point's box and of those round it, wider until k lie within the width. */
function gridNeighbors(values: Float32Array): Neighbors {
  const cells = values.length / 3;
  const width = 0.15;
  const boxes = new Map<string, number[]>();
  const box = (i: number, d: number) => Math.floor(values[3 * i + d] / width);
  for (let i = 0; i < cells; i++) {
    const name = `${box(i, 0)},${box(i, 1)},${box(i, 2)}`;
    const held = boxes.get(name);
    if (held === undefined) boxes.set(name, [i]);
    else held.push(i);
  }
  const indices = new Int32Array(cells * K);
  const distances = new Float32Array(cells * K);
  for (let i = 0; i < cells; i++) {
    for (let reach = 1; ; reach++) {
      const found: { j: number; d: number }[] = [];
      for (let x = -reach; x <= reach; x++) {
        for (let y = -reach; y <= reach; y++) {
          for (let z = -reach; z <= reach; z++) {
            for (const j of boxes.get(`${box(i, 0) + x},${box(i, 1) + y},${box(i, 2) + z}`) ?? []) {
              const [a, b, c] = [0, 1, 2].map((d) => values[3 * i + d] - values[3 * j + d]);
              found.push({ j, d: Math.sqrt(a * a + b * b + c * c) });
            }
          }
        }
      }
      found.sort((a, b) => a.d - b.d || (a.j === i ? -1 : b.j === i ? 1 : a.j - b.j));
      if (found.length < K || found[K - 1].d > reach * width) continue;
      for (let e = 0; e < K; e++) {
        indices[i * K + e] = found[e].j;
        distances[i * K + e] = found[e].d;
      }
      break;
    }
  }
  return { cellIds: Array.from({ length: cells }, (_, i) => `c${i}`), k: K, indices, distances };
}

function peakMegabytes(): string {
  if (!existsSync('/proc/self/status')) return 'unknown';
  return `${Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024)} MB`;
}

const [cells = 500_000, dims = 2, threads = availableParallelism()] = process.argv.slice(2).map(Number);
const random = randomSource(0, 'bench');
let since = performance.now();
function told(what: string): void {
  const now = performance.now();
  console.log(`${what}: ${((now - since) / 1000).toFixed(1)} s, at most ${peakMegabytes()} so far`);
  since = now;
}

const neighbors = gridNeighbors(points(cells, random.stream('points')));
told(`${cells} cells × ${K} neighbours made up`);
const parameters = {
  dims,
  minDist: 0.1,
  spread: 1,
  epochs: null,
  init: 'spectral',
  setOpMixRatio: 1,
  localConnectivity: 1,
  negativeSamples: 5,
  repulsion: 1,
} as const;
const coordinates = await layoutByRankloom(neighbors, parameters, {
  random: random.stream('layout'),
  team: (module, data, onMessage) => runTeam(module, data, threads, onMessage),
  onEpoch(done, total) {
    if (done === 2) told('graph, spectral start and first epoch');
    if (done === total) told(`the other epochs, ${threads} threads`);
  },
});
if (!coordinates.every(Number.isFinite)) throw new Error('the layout holds numbers that are not finite');
