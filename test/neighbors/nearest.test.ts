import assert from 'node:assert/strict';
import test from 'node:test';
import { NearestMerge } from '../../lib/neighbors/exact/merge.ts';
import { nearestOfPart, nearestParts } from '../../lib/neighbors/exact/parts.ts';
import { METRICS, type Metric } from '../../lib/pairwise/spaces/metric.ts';
import { rowNumbers } from '../../lib/pairwise/spaces/open-space.ts';
import { sparseSpace } from '../../lib/pairwise/spaces/sparse-space.ts';
import { useKernels } from '../helpers/kernels.ts';
import { nearestRows } from '../helpers/nearest-rows.ts';
import { pairValue, randomRows, toCsr } from '../pairwise/oracle.ts';

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
    const { indices, distances } = await nearestRows(space, k);
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
    // Cut into blocks, brought together in another order.
    const merge = new NearestMerge(rows.length, k);
    const bounds = [0, 7, 200, 201, rows.length];
    for (let i = 3; i >= 0; i--) {
      for (let j = i; j < 4; j++) {
        const [rowStart, rowEnd, columnStart, columnEnd] = [
          bounds[i],
          bounds[i + 1],
          bounds[j],
          bounds[j + 1],
        ];
        const found = await nearestOfPart(space, k, { rowStart, rowEnd, columnStart, columnEnd });
        merge.add(rowStart, found.rows!);
        if (found.columns !== undefined) merge.add(columnStart, found.columns);
      }
    }
    assert.deepEqual(merge.indices, indices);
    assert.deepEqual(merge.distances, distances);
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
  assert.deepEqual([...(await nearestRows(space, 3)).indices], [0, 1, 2, 1, 0, 2, 2, 0, 1]);
  assert.deepEqual([...(await nearestRows(space, 1)).indices], [0, 1, 2]);
});

test('parts hold every pair of rows once', () => {
  for (const rows of [0, 1, 2, 3, 10_000, 44_500]) {
    let at = 0;
    let pairs = 0;
    for (const part of nearestParts(rows)) {
      const same = part.rowStart === part.columnStart;
      assert.ok(part.rowEnd > part.rowStart && part.columnEnd > part.columnStart);
      assert.ok(same || part.columnStart >= part.rowEnd);
      const n = part.rowEnd - part.rowStart;
      assert.equal(part.pairs, same ? (n * (n - 1)) / 2 : n * (part.columnEnd - part.columnStart));
      pairs += part.pairs;
      if (same) {
        assert.equal(part.rowStart, at);
        at = part.rowEnd;
      }
    }
    assert.equal(at, rows);
    assert.equal(pairs, rows === 0 ? 0 : (rows * (rows - 1)) / 2);
  }
});
