import assert from 'node:assert/strict';
import test from 'node:test';
import { METRICS, type Metric } from '../../lib/pairwise/metric.ts';
import { nearestParts, nearestRows } from '../../lib/pairwise/nearest.ts';
import { rowNumbers } from '../../lib/pairwise/open-space.ts';
import { sparseSpace } from '../../lib/pairwise/sparse-space.ts';
import { useKernels } from '../helpers/kernels.ts';
import { pairValue, randomRows, toCsr } from './oracle.ts';

useKernels();

/** Distances as umap-learn defines them, undefined pairs included. */
function distance(metric: Metric, a: number[], b: number[]): number {
  const value = pairValue(metric, a, b);
  if (!Number.isNaN(value)) return Math.fround(metric === 'euclidean' ? value : 1 - Math.fround(value));
  const undefinedOf = (row: number[]) => Number.isNaN(pairValue(metric, row, row));
  return undefinedOf(a) && undefinedOf(b) ? 0 : 1;
}

test('neighbours are the nearest rows, the row itself first, ties by row number', async () => {
  const rows = [...randomRows(1, 300, 25, 0.3), new Array<number>(25).fill(0), new Array<number>(25).fill(0)];
  rows[40] = rows[3];
  rows[41] = rows[3];
  for (const metric of METRICS) {
    const space = await sparseSpace(toCsr(rows), metric, 25, rowNumbers(rows.length));
    const k = 12;
    const { indices, distances } = nearestRows(space, k, 0, rows.length);
    for (let i = 0; i < rows.length; i++) {
      const expected = rows
        .map((row, j) => ({ j, d: i === j ? -1 : distance(metric, rows[i], row) }))
        .sort((a, b) => a.d - b.d || a.j - b.j);
      assert.equal(indices[i * k], i);
      assert.equal(distances[i * k], 0);
      for (let s = 1; s < k; s++) {
        const found = distances[i * k + s];
        assert.ok(Math.abs(found - expected[s].d) < 1e-6, `${metric}: ${found}, expected ${expected[s].d}`);
        const tied = found === distances[i * k + s - 1] && s > 1;
        assert.ok(!tied || indices[i * k + s] > indices[i * k + s - 1], 'ties by row number');
      }
      assert.equal(new Set(indices.subarray(i * k, (i + 1) * k)).size, k);
    }
    const part = nearestRows(space, k, 100, 290);
    assert.deepEqual(part.indices, indices.slice(100 * k, 290 * k));
    assert.deepEqual(part.distances, distances.slice(100 * k, 290 * k));
  }
});

test('a duplicate with a smaller row number does not come before the row itself', async () => {
  const space = await sparseSpace(
    toCsr([
      [1, 2],
      [1, 2],
      [1, 2],
    ]),
    'euclidean',
    2,
    rowNumbers(3),
  );
  assert.deepEqual([...nearestRows(space, 3, 0, 3).indices], [0, 1, 2, 1, 0, 2, 2, 0, 1]);
  assert.deepEqual([...nearestRows(space, 1, 0, 3).indices], [0, 1, 2]);
});

test('parts hold every row once', () => {
  for (const rows of [0, 1, 255, 257, 5000, 100_000]) {
    let at = 0;
    for (const { rowStart, rowEnd } of nearestParts(rows)) {
      assert.equal(rowStart, at);
      assert.ok(rowEnd > rowStart);
      at = rowEnd;
    }
    assert.equal(at, rows);
  }
});
