/** Metrics of detected genes: Ochiai's overlap, and Spearman over the genes of either or both cells. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fitsSharedSums } from '../../lib/kernels/union.ts';
import { describePairs } from '../../lib/pairwise/quantiles/describe-pairs.ts';
import { DETECTION_METRICS, type Metric } from '../../lib/pairwise/spaces/metric.ts';
import { rowNumbers, spaceOfMatrix } from '../../lib/pairwise/spaces/open-space.ts';
import type { Space } from '../../lib/pairwise/spaces/space.ts';
import { cellTypes } from '../../lib/pairwise/tiles/type-pairs.ts';
import { useKernels } from '../helpers/kernels.ts';
import { nearestRows } from '../helpers/nearest-rows.ts';
import { pairValue, randomRows, toCsr } from './oracle.ts';

useKernels();

const open = (rows: number[][], metric: Metric, genes = rows[0].length) =>
  spaceOfMatrix(toCsr(rows), metric, genes, rowNumbers(rows.length));

/** The value of a pair; NaN if it has none. */
function pairOf(space: Space, i: number, j: number): number {
  if (space.defined[i] === 0 || space.defined[j] === 0) return Number.NaN;
  return space.tile({ rowStart: i, rowEnd: i + 1, columnStart: j, columnEnd: j + 1 }).values[0];
}

function assertEqual(found: number, expected: number, what: string): void {
  const equal = Number.isNaN(expected) ? Number.isNaN(found) : Math.abs(found - expected) <= 1e-7;
  assert.ok(equal, `${what}: ${found}, expected ${expected}`);
}

const SETS: Record<string, number[][]> = {
  'small counts': randomRows(1, 30, 60, 0.25),
  'few genes': randomRows(2, 40, 6, 0.4),
  'dense rows': randomRows(3, 15, 30, 1),
  'values that are all different': randomRows(4, 15, 40, 0.4, (random) => random.float64() * 9 + 1e-3),
  'one gene': [[0], [1], [3], [3]],
  'one row': [[1, 0, 2]],
  'duplicates, constants, empty rows, subsets': [
    [0, 1, 2, 0, 5, 0],
    [0, 1, 2, 0, 5, 0],
    [2, 2, 2, 2, 2, 2],
    [0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0],
    [0, 3, 3, 0, 3, 0],
    [1, 0, 0, 7, 0, 0],
    [0, 0, 0, 0, 9, 0],
    [9, 8, 7, 6, 5, 4],
    [4, 5, 6, 7, 8, 9],
  ],
};

for (const [name, rows] of Object.entries(SETS)) {
  test(`every pair follows the definition, or has no value: ${name}`, async () => {
    for (const metric of DETECTION_METRICS) {
      const space = await open(rows, metric);
      const n = rows.length;
      const { values, stride } = space.tile({ rowStart: 0, rowEnd: n, columnStart: 0, columnEnd: n });
      const all = values.slice();
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const found = space.defined[i] === 1 && space.defined[j] === 1 ? all[i * stride + j] : Number.NaN;
          assertEqual(found, pairValue(metric, rows[i], rows[j]), `${metric} of ${i}, ${j}`);
          assertEqual(found, pairOf(space, j, i), `${metric} of ${j}, ${i}, alone`);
        }
      }
    }
  });
}

test('values are those of scipy', async () => {
  const golden = JSON.parse(
    readFileSync(new URL('../golden/pairwise/detection.json', import.meta.url), 'utf8'),
  ) as { rows: number[][]; values: Record<string, (number | null)[]> };
  for (const metric of DETECTION_METRICS) {
    const space = await open(golden.rows, metric);
    let pair = 0;
    let without = 0;
    for (let i = 0; i < golden.rows.length; i++) {
      for (let j = i + 1; j < golden.rows.length; j++) {
        const expected = golden.values[metric][pair++];
        if (expected === null) without++;
        assertEqual(pairOf(space, i, j), expected ?? Number.NaN, `${metric} of ${i}, ${j}`);
      }
    }
    assert.equal(pair, golden.values[metric].length);
    assert.ok(without > 0 && without < pair / 2, `${without} pairs without a value`);
  }
});

test('genes that neither cell has change nothing', async () => {
  const rows = randomRows(5, 12, 30, 0.4);
  const padded = rows.map((row) => [...row, ...new Array<number>(50).fill(0)]);
  for (const metric of DETECTION_METRICS) {
    const [a, b] = [await open(rows, metric), await open(padded, metric)];
    for (let i = 1; i < 12; i++) assert.equal(pairOf(a, 0, i), pairOf(b, 0, i), metric);
  }
});

test('over all genes of two full cells, both variants are plain Spearman', async () => {
  const rows = randomRows(6, 10, 40, 1);
  const plain = await open(rows, 'spearman');
  for (const metric of ['spearman-union', 'spearman-intersection'] as const) {
    const space = await open(rows, metric);
    for (let i = 1; i < 10; i++) assertEqual(pairOf(space, 0, i), pairOf(plain, 0, i), metric);
  }
});

test('equal cells give exactly 1, and only the order of values counts', async () => {
  const [row] = randomRows(7, 1, 400, 0.4, (random) => 1 + Math.floor(random.float64() * 20));
  const logs = row.map((x) => Math.log1p(x * 3));
  for (const metric of DETECTION_METRICS) assert.equal(pairOf(await open([row, logs], metric), 0, 1), 1);
});

test('sums of many genes stay exact', async () => {
  const rows = randomRows(8, 2, 60_000, 0.95, (random) => 1 + Math.floor(random.float64() * 1e4));
  const reversed = rows[0].map((x) => (x === 0 ? 0 : 1e5 - x));
  for (const metric of ['spearman-union', 'spearman-intersection'] as const) {
    const space = await open([rows[0], rows[0], reversed, rows[1]], metric);
    assert.equal(pairOf(space, 0, 1), 1);
    assert.equal(pairOf(space, 0, 2), -1);
    assert.ok(Math.abs(pairOf(space, 0, 3)) < 0.02);
  }
});

test('Spearman over the union is the same by integers, as far as they reach, and beyond', async () => {
  // Sums of squares of ranks of n genes are about 4/3 n³: 2^31 lies at some 1,170 genes.
  for (const columns of [1100, 1300]) {
    const rows = randomRows(9, 10, columns, 0.98, (random) => random.float64() + 0.1);
    rows[3] = rows[2].map((x) => (x === 0 ? 0 : 2 - x));
    rows[4] = randomRows(10, 1, columns, 0.1)[0];
    const rowsOf = toCsr(rows);
    const sparse = { ...rowsOf, columns, indptr: Uint32Array.from(rowsOf.indptr) };
    const fits = fitsSharedSums({
      ...sparse,
      indices: Uint32Array.from(rowsOf.indices),
      values: rowsOf.values.map((_, e) => {
        const row = rowsOf.indptr.findIndex((end) => end > e) - 1;
        return 2 * (e - rowsOf.indptr[row]) + 1;
      }),
    });
    assert.equal(fits, columns === 1100);
    const space = await open(rows, 'spearman-union');
    for (let i = 0; i < 9; i++) {
      assertEqual(pairOf(space, i, i + 1), pairValue('spearman-union', rows[i], rows[i + 1]), `${i}`);
    }
    assert.equal(pairOf(space, 2, 3) < -0.9, true);
  }
});

test('pairs without a value are in no number of a group, and are the farthest neighbours', async () => {
  const rows = [
    [1, 2, 0, 0],
    [2, 1, 0, 0],
    [1, 2, 3, 0],
    [0, 0, 1, 2],
    [0, 0, 0, 0],
  ];
  const space = await open(rows, 'spearman-intersection');
  const types = cellTypes(['A', 'A', 'A', 'A', 'A']);
  const { pairs, distribution } = await describePairs(space, types);
  // 0–1 is −1, 0–2 is 1, 1–2 is −1; cell 3 shares fewer than two genes with all others.
  const { n, min, max } = distribution.within;
  assert.deepEqual(pairs.type_a, ['A']);
  assert.deepEqual({ n, min, max, mean: pairs.mean[0] }, { n: 3, min: -1, max: 1, mean: -1 / 3 });
  assert.deepEqual([...pairs.n_pairs, ...pairs.median], [3, -1]);
  const { indices, distances } = await nearestRows(space, 5);
  assert.deepEqual([...indices.subarray(0, 5)], [0, 2, 4, 1, 3]);
  assert.deepEqual([...distances.subarray(0, 5)], [0, 0, 1, 2, 2]);
});

test('values that are not above 0 are refused', async () => {
  for (const metric of DETECTION_METRICS) {
    await assert.rejects(open([[1, -2]], metric), new RegExp(`${metric} of an encoding that stores -2`));
  }
});

test('some rows of a matrix, in any order, follow the definition too', async () => {
  const rows = randomRows(5, 20, 40, 0.3);
  const order = Int32Array.of(17, 3, 8, 0);
  for (const metric of DETECTION_METRICS) {
    const space = await spaceOfMatrix(toCsr(rows), metric, 40, order);
    for (let i = 0; i < order.length; i++) {
      for (let j = 0; j < order.length; j++) {
        if (i === j) continue;
        const expected = pairValue(metric, rows[order[i]], rows[order[j]]);
        assertEqual(pairOf(space, i, j), expected, `${metric} of ${order[i]}, ${order[j]}`);
      }
    }
  }
});
