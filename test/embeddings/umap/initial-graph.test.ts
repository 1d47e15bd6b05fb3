import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import type { Graph } from '../../../lib/embeddings/umap/graph/graph.ts';
import {
  denseCentroidDistances,
  sparseCentroidDistances,
} from '../../../lib/embeddings/umap/init/centroid-distances.ts';
import { type PrepareOptions, prepareLayout } from '../../../lib/embeddings/umap/init/initial-graph.ts';
import { spectralLayout } from '../../../lib/embeddings/umap/init/spectral-layout.ts';
import { randomSource } from '../../../lib/flow/random.ts';
import { useKernels } from '../../helpers/kernels.ts';
import { cellsWithDuplicates, makeCells, neighborsOf } from './golden.ts';

useKernels();

const DEFAULTS: PrepareOptions = {
  dims: 2,
  minDist: 0.1,
  spread: 1,
  epochs: null,
  init: 'spectral',
  setOpMixRatio: 1,
  localConnectivity: 1,
};

function prepare(points: readonly (readonly number[])[], k: number, options: Partial<PrepareOptions> = {}) {
  const { indices, distances, k: width } = neighborsOf(points, Math.min(k, points.length));
  const neighbors = { cellIds: points.map((_, i) => `c${i}`), k: width, indices, distances };
  return prepareLayout(neighbors, { ...DEFAULTS, ...options }, randomSource(0, 'test').stream('umap'));
}

function checkStart(initial: Float32Array, cells: number, dims: number): void {
  assert.equal(initial.length, cells * dims);
  for (let d = 0; d < dims; d++) {
    const axis = Array.from({ length: cells }, (_, i) => initial[i * dims + d]);
    assert.equal(Math.min(...axis), 0);
    assert.ok(Math.abs(Math.max(...axis) - 10) < 1e-5);
  }
}

const hash = (values: Float32Array) =>
  createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex').slice(0, 16);

test('from neighbours to the start of a layout, the same bytes on every machine and version of Node', async () => {
  const { graph, a, b, epochs, initial } = await prepare(makeCells(600, 4, 3, 300, 1), 15, {
    dims: 3,
  });
  assert.equal(epochs, 500);
  assert.ok(Math.abs(a - 1.5769434) < 1e-6 && Math.abs(b - 0.8950608) < 1e-6);
  assert.ok(graph.weights.every((weight) => weight >= Math.fround(Math.max(...graph.weights) / 500)));
  checkStart(initial, 600, 3);
  assert.equal(hash(graph.weights), '647c29560b6d84a1');
  assert.equal(hash(initial), 'bf90924facb6727c');
});

test('a spectral start is the spectrum, stretched, but for a little noise', async () => {
  const points = makeCells(300, 4, 3, 300, 1);
  const { graph, initial } = await prepare(points, 15);
  const random = randomSource(0, 'other').stream('umap');
  const spectrum = await spectralLayout(graph, { dims: 2, random });
  for (let d = 0; d < 2; d++) {
    const axis = Array.from({ length: 300 }, (_, i) => spectrum[i * 2 + d]);
    const low = Math.min(...axis);
    const high = Math.max(...axis);
    for (let i = 0; i < 300; i++) {
      const expected = (10 * (axis[i] - low)) / (high - low);
      assert.ok(Math.abs(initial[i * 2 + d] - expected) < 2e-3);
    }
  }
  assert.notDeepEqual(initial, (await prepare(points, 15, { init: 'random' })).initial);
});

test('a start at principal components keeps their order along each axis', async () => {
  const points = makeCells(50, 2, 1, 300, 1);
  const principalComponents = Float32Array.from(points.flatMap(([x, y]) => [x - 500, 0.3 * y]));
  const { initial } = await prepare(points, 8, { init: 'pca', principalComponents });
  checkStart(initial, 50, 2);
  const low = Math.min(...points.map(([x]) => x));
  const high = Math.max(...points.map(([x]) => x));
  for (let i = 0; i < 50; i++) {
    assert.ok(Math.abs(initial[2 * i] - (10 * (points[i][0] - low)) / (high - low)) < 2e-2);
  }
  await assert.rejects(prepare(points, 8, { init: 'pca' }), /principal components/);
});

test('no cell, one, two, three, and no more than k', async () => {
  assert.equal((await prepare([], 15)).initial.length, 0);
  const alone = await prepare([[1, 2]], 15);
  assert.deepEqual(alone.initial, Float32Array.of(0, 0));
  assert.equal(alone.graph.indices.length, 0);
  const line = Array.from({ length: 16 }, (_, i) => [i, i * i]);
  const two = await prepare(line.slice(0, 2), 15);
  assert.deepEqual(two.graph.indices, Uint32Array.of(1, 0));
  for (const cells of [2, 3, 4, 5, 14, 15, 16]) {
    for (const dims of [1, 2, 5]) {
      checkStart((await prepare(line.slice(0, cells), 15, { dims })).initial, cells, dims);
    }
  }
  // Of 15 cells and 15 neighbours, each cell keeps 13 others: no more than umap-learn leaves it.
  const full = await prepare(line.slice(0, 15), 15, { setOpMixRatio: 0 });
  assert.ok(full.graph.weights.length < 15 * 14);
});

test('cells that are all equal start apart', async () => {
  for (const cells of [5, 40, 400]) {
    const { initial, graph } = await prepare(
      Array.from({ length: cells }, () => [1, 2]),
      15,
    );
    checkStart(initial, cells, 2);
    assert.ok(graph.weights.every((weight) => weight === 1));
  }
});

test('duplicate cells among others', async () => {
  checkStart((await prepare(cellsWithDuplicates(), 10)).initial, 240, 2);
});

test('two groups that no neighbour joins start apart', async () => {
  const near = makeCells(60, 3, 1, 40, 1);
  const points = [...near, ...near.map((point) => point.map((x) => x + 100_000))];
  const { initial } = await prepare(points, 10);
  checkStart(initial, 120, 2);
  const xs = (start: number) => Array.from({ length: 60 }, (_, i) => initial[(start + i) * 2]);
  assert.ok(Math.min(...xs(0)) > 4.9 && Math.max(...xs(60)) < 5.1);
});

test('a cell that nobody counts as a neighbour stands alone if both must: it has a start and no edge', async () => {
  const points = [...makeCells(60, 3, 1, 40, 1), [50_000, 0, 0]];
  const { initial, graph } = await prepare(points, 10, { setOpMixRatio: 0 });
  assert.equal(graph.indptr[60], graph.indptr[61]);
  assert.ok(!graph.indices.includes(60));
  checkStart(initial, 61, 2);
});

test('distances between centroids, of full and of sparse rows', () => {
  const components = {
    count: 2,
    labels: Uint32Array.of(0, 1, 0),
    members: [Uint32Array.of(0, 2), Uint32Array.of(1)],
  };
  const expected = Float64Array.of(0, 5, 5, 0);
  const dense = denseCentroidDistances(Float32Array.of(0, 1, 4, 4, 2, 1), 2);
  assert.deepEqual(dense(components), Float64Array.of(0, Math.sqrt(18), Math.sqrt(18), 0));
  const sparse = sparseCentroidDistances({
    rows: 3,
    columns: 3,
    indptr: Uint32Array.of(0, 1, 2, 2),
    indices: Int32Array.of(0, 2),
    values: Float32Array.of(6, 4),
  });
  assert.deepEqual(sparse(components), expected);
});

test('a stop is heard', async () => {
  const { indices, distances } = neighborsOf(makeCells(600, 4, 3, 300, 1), 15);
  const neighbors = { cellIds: new Array<string>(600), k: 15, indices, distances };
  const stream = randomSource(0, 'test').stream('umap');
  const controller = new AbortController();
  const running = prepareLayout(neighbors, DEFAULTS, stream, { signal: controller.signal });
  controller.abort();
  await assert.rejects(running, { name: 'AbortError' });
});

test('what is done meanwhile is given the graph, and may fail', async () => {
  const { cellIds, ...found } = { cellIds: ['a', 'b', 'c'], ...neighborsOf([[0], [1], [3]], 3) };
  const seen: unknown[] = [];
  const run = (meanwhile: (graph: Graph) => void) =>
    prepareLayout({ cellIds, ...found }, DEFAULTS, randomSource(0, 'test').stream('umap'), { meanwhile });
  const { graph } = await run((given) => seen.push(given));
  assert.deepEqual(seen, [graph]);
  const fail = () => {
    throw new Error('no plan');
  };
  await assert.rejects(run(fail), /^Error: no plan$/);
});
