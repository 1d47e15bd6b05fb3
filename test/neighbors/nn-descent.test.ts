import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import type { Csr } from '../../lib/cells/csr.ts';
import { RandomStream } from '../../lib/flow/random.ts';
import { runTeam } from '../../lib/flow/workers/parallel.ts';
import { type Descent, nearestByDescent } from '../../lib/neighbors/nn-descent/descent.ts';
import { denseSpace } from '../../lib/pairwise/spaces/dense-space.ts';
import type { Metric } from '../../lib/pairwise/spaces/metric.ts';
import { rowNumbers } from '../../lib/pairwise/spaces/open-space.ts';
import type { Space } from '../../lib/pairwise/spaces/space.ts';
import { sparseSpace } from '../../lib/pairwise/spaces/sparse-space.ts';
import { useKernels } from '../helpers/kernels.ts';
import { nearestRows } from '../helpers/nearest-rows.ts';

useKernels();

const K = 14;

function descend({ shared, rows, defined, metric }: Space, threads = 2, k = K): Promise<Descent> {
  const { kernelRows } = shared!;
  return nearestByDescent({ kernelRows, rows, defined, isSimilarity: metric !== 'euclidean' }, k, {
    team: (module, data, onMessage) => runTeam(module, data, threads, onMessage),
  });
}

/** Counts of cells of eight types over 150 genes, most of them zero. */
function simulatedCounts(rows: number): Csr {
  const random = new RandomStream(1, 2);
  const columns = 150;
  const means = Array.from({ length: 8 * columns }, () => random.float64() ** 6 * 9);
  const indptr = new Uint32Array(rows + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let g = 0; g < columns; g++) {
      const count = Math.floor(means[(i % 8) * columns + g] * (random.float64() + random.float64()));
      if (count === 0) continue;
      indices.push(g);
      values.push(Math.sqrt(count));
    }
    indptr[i + 1] = indices.length;
  }
  return { rows, columns, indptr, indices: Int32Array.from(indices), values: Float32Array.from(values) };
}

const sparse = (metric: Metric, rows = 2500) =>
  sparseSpace(simulatedCounts(rows), metric, 150, rowNumbers(rows));

function dense(metric: Metric, rows: number, dims: number, value: (i: number, d: number) => number) {
  const values = Float32Array.from({ length: rows * dims }, (_, e) => value(Math.floor(e / dims), e % dims));
  const cellIds = Array.from({ length: rows }, (_, i) => `c${i}`);
  return denseSpace({ cellIds, labels: cellIds.map(() => null), dims, values }, metric, rowNumbers(rows));
}

function scattered(metric: Metric, dims: number) {
  const random = new RandomStream(3, 4);
  return dense(metric, 2500, dims, (i, d) => (i % 5 === d % 5 ? 2 : 0) + random.float64());
}

/** Share of the exact neighbours that were found, over all rows. */
async function recallOf(space: Space, found: Descent): Promise<number> {
  const exact = await nearestRows(space, K + 1);
  let hits = 0;
  for (let i = 0; i < space.rows; i++) {
    const wanted = new Set(exact.indices.subarray(i * (K + 1) + 1, (i + 1) * (K + 1)));
    for (const j of found.indices.subarray(i * K, (i + 1) * K)) if (wanted.has(j)) hits++;
  }
  return hits / (space.rows * K);
}

for (const [name, open] of [
  ['sparse rows, Euclidean', () => sparse('euclidean')],
  ['sparse rows, cosine', () => sparse('cosine')],
  ['sparse rows, Spearman', () => sparse('spearman')],
  ['dense rows of few dimensions, Euclidean', () => scattered('euclidean', 8)],
  ['dense rows of many dimensions, Euclidean', () => scattered('euclidean', 64)],
  ['dense rows, Pearson', () => scattered('pearson', 20)],
] as const) {
  test(`${name}: finds more than 95 % of the neighbours, as it says itself`, async () => {
    const space = await open();
    const found = await descend(space);
    const recall = await recallOf(space, found);
    assert.ok(recall > 0.95, `${recall}`);
    assert.equal(found.recall.cells, 500);
    assert.ok(Math.abs(found.recall.mean - recall) < 0.01, `says ${found.recall.mean}, has ${recall}`);
    assert.ok(found.recall.worst <= found.recall.mean);
    for (let i = 0; i < space.rows; i++) {
      const own = found.indices.subarray(i * K, (i + 1) * K);
      assert.ok(!own.includes(i) && new Set(own).size === K);
      for (let e = i * K + 1; e < (i + 1) * K; e++) assert.ok(found.distances[e - 1] <= found.distances[e]);
    }
  });
}

test('what is found lies at the distance that exact neighbours have', async () => {
  const space = await sparse('spearman', 600);
  const found = await descend(space);
  const exact = await nearestRows(space, 600);
  for (let i = 0; i < 600; i++) {
    for (let e = i * K; e < (i + 1) * K; e++) {
      const at = exact.indices.indexOf(found.indices[e], i * 600);
      assert.ok(Math.abs(exact.distances[at] - found.distances[e]) < 1e-6);
    }
  }
});

test('the same bytes for any number of threads', async () => {
  const space = await sparse('euclidean');
  const hashes = new Set<string>();
  for (const threads of [1, 2, 3]) {
    const { indices, distances, rounds } = await descend(space, threads);
    const hash = createHash('sha256').update(indices).update(distances);
    hashes.add(`${hash.digest('hex')} ${rounds}`);
  }
  assert.equal(hashes.size, 1);
});

test('equal rows, few rows, and rows that the metric is not defined for', async () => {
  const equal = await descend(await dense('euclidean', 700, 3, () => 1));
  assert.ok(equal.distances.every((distance) => distance === 0));
  assert.equal(equal.recall.mean, 1);
  const few = await descend(await dense('euclidean', 5, 1, (i) => i * i), 2, 4);
  assert.deepEqual([...few.indices.subarray(0, 4)], [1, 2, 3, 4]);
  assert.deepEqual([...few.distances.subarray(16)], [7, 12, 15, 16]);
  // Every tenth row is constant: no correlation.
  const random = new RandomStream(5, 6);
  const some = await descend(await dense('pearson', 1000, 4, (i) => (i % 10 === 0 ? 1 : random.float64())));
  assert.ok(some.distances.every(Number.isFinite));
  for (let e = 0; e < K; e++) assert.equal(some.indices[e] % 10, 0, 'constant rows are at distance 0');
});
