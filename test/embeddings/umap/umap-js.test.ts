import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import type { Neighbors } from '../../../lib/data/kinds/types.ts';
import { epochsFor } from '../../../lib/embeddings/umap/parameters.ts';
import { layoutByUmapJs } from '../../../lib/embeddings/umap/reference/umap-js.ts';
import { randomSource } from '../../../lib/flow/random.ts';

const DEFAULTS = { dims: 2, minDist: 0.1, spread: 1, epochs: null };

/** `clusters` × `size` points in five dimensions, centres ten apart, spread about one. */
function clusteredPoints(clusters: number, size: number): Float64Array[] {
  const stream = randomSource(1, 'test').stream('points');
  return Array.from({ length: clusters * size }, (_, i) =>
    Float64Array.from({ length: 5 }, (_, d) => (i % clusters === d ? 10 : 0) + stream.float64() * 2),
  );
}

/** Exact neighbours, the point itself first. */
function neighborsOf(points: readonly Float64Array[], k: number): Neighbors {
  const width = Math.min(k, points.length);
  const indices = new Int32Array(points.length * width);
  const distances = new Float32Array(points.length * width);
  for (const [i, point] of points.entries()) {
    const all = points.map((other, j) => ({
      j,
      distance: Math.sqrt(point.reduce((sum, x, d) => sum + (x - other[d]) ** 2, 0)),
    }));
    all.sort((a, b) => Number(b.j === i) - Number(a.j === i) || a.distance - b.distance || a.j - b.j);
    indices.set(
      all.slice(0, width).map(({ j }) => j),
      i * width,
    );
    distances.set(
      all.slice(0, width).map(({ distance }) => distance),
      i * width,
    );
  }
  return { cellIds: points.map((_, i) => `c${i}`), k: width, indices, distances };
}

const run = (seed = 0) => ({ random: randomSource(0, 'embed').stream('umap', seed) });
const hash = (values: Float32Array) =>
  createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex').slice(0, 16);

test('clusters stay together and apart', async () => {
  const layout = await layoutByUmapJs(neighborsOf(clusteredPoints(4, 60), 15), DEFAULTS, run());
  let kept = 0;
  for (let i = 0; i < 240; i++) {
    const distances = Array.from({ length: 240 }, (_, j) => ({
      j,
      d: (layout[2 * i] - layout[2 * j]) ** 2 + (layout[2 * i + 1] - layout[2 * j + 1]) ** 2,
    })).sort((a, b) => a.d - b.d);
    kept += distances.slice(1, 16).filter(({ j }) => j % 4 === i % 4).length;
  }
  assert.ok(kept / (240 * 15) > 0.99, `${kept / (240 * 15)} of the neighbours are of the same cluster`);
});

test('the same stream gives the same bytes, on every machine and version of Node', async () => {
  const neighbors = neighborsOf(clusteredPoints(3, 30), 10);
  const parameters = { ...DEFAULTS, dims: 3, epochs: 50 };
  const layout = await layoutByUmapJs(neighbors, parameters, run());
  assert.equal(hash(layout), hash(await layoutByUmapJs(neighbors, parameters, run())));
  assert.notEqual(hash(layout), hash(await layoutByUmapJs(neighbors, parameters, run(1))));
  assert.equal(hash(layout), '8c853a4354a20dc1');
});

test('dims, minDist and spread take effect', async () => {
  const neighbors = neighborsOf(clusteredPoints(3, 30), 10);
  const extent = async (parameters: Partial<typeof DEFAULTS>) => {
    const layout = await layoutByUmapJs(neighbors, { ...DEFAULTS, ...parameters, epochs: 100 }, run());
    return layout;
  };
  assert.equal((await extent({ dims: 5 })).length, 90 * 5);
  assert.notDeepEqual(await extent({ minDist: 0.5 }), await extent({}));
  assert.notDeepEqual(await extent({ spread: 2 }), await extent({}));
});

test('few cells: none, one, two, three, and no more than k', async () => {
  const finite = async (cells: number) => {
    const layout = await layoutByUmapJs(neighborsOf(clusteredPoints(1, cells), 15), DEFAULTS, run());
    assert.equal(layout.length, 2 * cells);
    assert.ok(layout.every(Number.isFinite));
    return layout;
  };
  await finite(0);
  assert.deepEqual([...(await finite(1))], [0, 0]);
  const [x0, y0, x1, y1] = await finite(2);
  assert.ok(Math.hypot(x0 - x1, y0 - y1) < 5, 'two cells come together');
  await finite(3);
  await finite(15);
  await finite(16);
});

test('cells that are all equal get a layout, in a time that grows with their number only', async () => {
  const points = Array.from({ length: 300 }, () => Float64Array.of(1, 2));
  const layout = await layoutByUmapJs(neighborsOf(points, 15), { ...DEFAULTS, epochs: 20 }, run());
  assert.ok(layout.every(Number.isFinite));
});

test('a pair of equal cells among others ends up close together', async () => {
  const points = clusteredPoints(2, 40);
  points[7] = points[1];
  const layout = await layoutByUmapJs(neighborsOf(points, 10), DEFAULTS, run());
  assert.ok(Math.hypot(layout[14] - layout[2], layout[15] - layout[3]) < 2);
});

test('progress is told for each epoch, and a stop is heard', async () => {
  const neighbors = neighborsOf(clusteredPoints(2, 20), 5);
  const told: string[] = [];
  const controller = new AbortController();
  const onEpoch = (done: number, total: number) => {
    told.push(`${done}/${total}`);
    if (done === 3) controller.abort();
  };
  await assert.rejects(
    layoutByUmapJs(neighbors, DEFAULTS, { ...run(), onEpoch, signal: controller.signal }),
    { name: 'AbortError' },
  );
  assert.deepEqual(told, ['1/500', '2/500', '3/500']);
});

test('epochs follow the rule of umap-learn', () => {
  assert.equal(epochsFor(10_000, null), 500);
  assert.equal(epochsFor(10_001, null), 200);
  assert.equal(epochsFor(10, 7), 7);
});
