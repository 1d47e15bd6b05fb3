import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import {
  type TransformParameters,
  transformByRankloom,
} from '../../../lib/embeddings/umap/transform/transform.ts';
import { layoutByRankloom } from '../../../lib/embeddings/umap/umap.ts';
import { randomSource } from '../../../lib/flow/random.ts';
import { runTeam } from '../../../lib/flow/workers/parallel.ts';
import { useKernels } from '../../helpers/kernels.ts';
import { makeCells, neighborsOf, unpack } from './golden.ts';

useKernels();

const K = 10;
const PARAMETERS: TransformParameters = {
  dims: 2,
  minDist: 0.1,
  spread: 1,
  epochs: null,
  localConnectivity: 1,
  negativeSamples: 5,
  repulsion: 1,
};

const run = (threads: number) => ({
  random: randomSource(0, 'test').stream('umap'),
  team: (module: string, data: unknown, onMessage?: (message: unknown) => void) =>
    runTeam(module, data, threads, onMessage),
});

/** The nearest of `fitted` to each of `points`. */
function neighborsAmong(points: readonly (readonly number[])[], fitted: readonly (readonly number[])[]) {
  const indices = new Int32Array(points.length * K);
  const distances = new Float32Array(points.length * K);
  for (const [i, point] of points.entries()) {
    const all = fitted.map((other, j) => ({ j, d: Math.hypot(...other.map((x, axis) => x - point[axis])) }));
    all.sort((x, y) => x.d - y.d || x.j - y.j);
    for (let e = 0; e < K; e++) {
      indices[i * K + e] = all[e].j;
      distances[i * K + e] = all[e].d;
    }
  }
  return { cells: points.length, k: K, indices, distances };
}

/** 400 cells in 4 clusters, of which the first 300 are fitted. */
const points = makeCells(400, 4, 4, 60, 5);
const fitted = points.slice(0, 300);

async function fit(): Promise<Float32Array> {
  const found = neighborsOf(fitted, K);
  const neighbors = { cellIds: fitted.map((_, i) => `c${i}`), ...found };
  return layoutByRankloom(neighbors, { ...PARAMETERS, init: 'spectral', setOpMixRatio: 1 }, run(2));
}

test('new cells come to lie among their like, the same for any number of threads', async () => {
  const layout = await fit();
  const before = layout.slice();
  const fresh = neighborsAmong(points.slice(300), fitted);
  const [one, three] = await Promise.all(
    [1, 3].map((threads) => transformByRankloom(fresh, layout, PARAMETERS, run(threads))),
  );
  assert.deepEqual(one, three);
  assert.deepEqual(layout, before, 'the fitted cells stay');
  const embedded = Array.from({ length: 100 }, (_, i) => [one[2 * i], one[2 * i + 1]]);
  const places = Array.from({ length: 300 }, (_, i) => [layout[2 * i], layout[2 * i + 1]]);
  const { indices } = neighborsAmong(embedded, places);
  let alike = 0;
  // Cell i is of type i modulo 4.
  for (let i = 0; i < 100; i++) {
    for (let e = 0; e < K; e++) if (indices[i * K + e] % 4 === i % 4) alike++;
  }
  assert.ok(alike > 0.95 * 100 * K, `${alike / (100 * K)} of the neighbours are alike`);
});

test('with no epochs, new cells lie between their neighbours, or on a cell they coincide with', async () => {
  const layout = Float32Array.from({ length: 20 }, (_, i) => i * i);
  const indices = Int32Array.from([3, 4, 5, 7, 8, 9]);
  const far = { cells: 2, k: 3, indices, distances: Float32Array.of(1, 1, 1, 0, 2, 3) };
  const values = await transformByRankloom(far, layout, { ...PARAMETERS, epochs: 3 }, run(1));
  // Three neighbours equally far away: their mean. At distance 0: that cell.
  for (const d of [0, 1]) {
    const mean = (layout[6 + d] + layout[8 + d] + layout[10 + d]) / 3;
    assert.ok(Math.abs(values[d] - mean) < 1e-3, `${values[d]}, expected ${mean}`);
  }
  assert.deepEqual([...values.subarray(2)], [layout[14], layout[15]]);
});

test('no new cells', async () => {
  const none = { cells: 0, k: K, indices: new Int32Array(0), distances: new Float32Array(0) };
  assert.equal((await transformByRankloom(none, new Float32Array(10), PARAMETERS, run(2))).length, 0);
});

test("new cells start where umap-learn's do", async () => {
  const path = new URL('../../golden/umap/transform.json', import.meta.url);
  const golden = JSON.parse(readFileSync(path, 'utf8')) as { starts: Record<string, string> };
  const fresh = points.slice(300);
  for (let i = 0; i < 3; i++) fresh[i] = points[5 + i];
  const layout = Float32Array.from({ length: 600 }, (_, e) =>
    e % 2 === 0 ? ((e / 2) * 7) % 101 : (((e - 1) / 2) * 13) % 89,
  );
  for (const [connectivity, start] of Object.entries(golden.starts)) {
    // Less than two epochs: they stay there.
    const parameters = { ...PARAMETERS, epochs: 3, localConnectivity: Number(connectivity) };
    const values = await transformByRankloom(neighborsAmong(fresh, fitted), layout, parameters, run(1));
    for (const [e, expected] of unpack(start).entries()) {
      assert.ok(
        Math.abs(values[e] - expected) < 2e-4,
        `${connectivity}, ${e}: ${values[e]}, not ${expected}`,
      );
    }
  }
});
