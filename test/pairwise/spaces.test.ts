import assert from 'node:assert/strict';
import test from 'node:test';
import type { Embedding } from '../../lib/data/kinds/types.ts';
import { denseSpace } from '../../lib/pairwise/spaces/dense-space.ts';
import { isDetectionMetric, METRICS, type Metric } from '../../lib/pairwise/spaces/metric.ts';
import { rowNumbers } from '../../lib/pairwise/spaces/open-space.ts';
import type { Space } from '../../lib/pairwise/spaces/space.ts';
import { sparseSpace, streamedSpace } from '../../lib/pairwise/spaces/sparse-space.ts';
import { inBlocks } from '../helpers/in-blocks.ts';
import { useKernels } from '../helpers/kernels.ts';
import { pairValue, randomRows, toCsr } from './oracle.ts';

useKernels();

const fromRows = (rows: number[][], metric: Metric, genes = rows[0].length) =>
  sparseSpace(toCsr(rows), metric, genes, rowNumbers(rows.length));

function embedded(rows: number[][]): Embedding {
  return {
    cellIds: rows.map((_, i) => `c${i}`),
    labels: rows.map(() => null),
    dims: rows[0].length,
    values: Float32Array.from(rows.flat()),
  };
}

const fromDense = (rows: number[][], metric: Metric) =>
  denseSpace(embedded(rows), metric, rowNumbers(rows.length));

/** Every ordered pair of different rows against the definition; correlations to 1e-7, distances to 3e-7 relative. */
function assertSpace(space: Space, rows: number[][]): void {
  const n = rows.length;
  const { values, stride } = space.tile({ rowStart: 0, rowEnd: n, columnStart: 0, columnEnd: n });
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const expected = pairValue(space.metric as Metric, rows[i], rows[j]);
      const defined = space.defined[i] === 1 && space.defined[j] === 1;
      assert.equal(defined, !Number.isNaN(expected), `${space.metric} of ${i}, ${j} is defined`);
      if (!defined) continue;
      const scale = space.metric === 'euclidean' ? 3 * expected : 1;
      const found = values[i * stride + j];
      assert.ok(
        Math.abs(found - expected) <= 1e-7 * scale,
        `${space.metric} of ${i}, ${j}: ${found}, expected ${expected}`,
      );
    }
  }
}

const SETS: Record<string, number[][]> = {
  'small counts': randomRows(1, 37, 90, 0.2),
  'dense rows': randomRows(2, 20, 30, 1),
  'one gene': [[0], [1], [3], [3]],
  'one row': randomRows(4, 1, 10, 0.5),
  'values with many digits': randomRows(5, 20, 50, 0.3, (random) => random.float64() * 1e4),
  'duplicated, constant and empty rows': [
    [0, 1, 2, 0, 5],
    [0, 1, 2, 0, 5],
    [2, 2, 2, 2, 2],
    [0, 0, 0, 0, 0],
    [0, 1, 1, 1, 0],
    [0, 0, 0, 0, 9],
  ],
  'beyond float16': [
    [0, 1e6, 3e7, 0],
    [2e6, 0, 1e7, 1],
    [5, 1e8, 0, 0],
  ],
};

for (const [name, rows] of Object.entries(SETS)) {
  test(`sparse and dense spaces agree with the definitions: ${name}`, async () => {
    for (const metric of METRICS) {
      assertSpace(await fromRows(rows, metric), rows);
      assertSpace(await fromDense(rows, metric), rows);
    }
  });
}

test('dense rows may be negative', async () => {
  const rows = randomRows(9, 20, 7, 0.9, (random) => random.float64() - 0.5);
  for (const metric of METRICS) assertSpace(await fromDense(rows, metric), rows);
});

test('Spearman takes ranks that do not fit 16 bits', async () => {
  const columns = 20_000;
  const rows = randomRows(10, 3, columns, 0.9, (random) => random.float64());
  const space = await fromRows(rows, 'spearman');
  const dense = await fromDense(rows, 'spearman');
  const tile = { rowStart: 0, rowEnd: 3, columnStart: 0, columnEnd: 3 };
  const a = space.tile(tile);
  const b = dense.tile(tile);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++)
      assert.ok(Math.abs(a.values[i * a.stride + j] - b.values[i * b.stride + j]) < 1e-7);
});

test('Spearman equals the fixture of science.md', async () => {
  const space = await fromRows(
    [
      [0, 0, 0, 2, 5],
      [0, 1, 0, 3, 3],
    ],
    'spearman',
  );
  const { values } = space.tile({ rowStart: 0, rowEnd: 1, columnStart: 1, columnEnd: 2 });
  assert.equal(values[0], Math.fround(0.8838834764831843));
});

test('genes that no cell has count: more of them draw Spearman towards the overlap of detected genes', async () => {
  const rows = [
    [1, 2, 3, 4, 0, 0],
    [0, 0, 1, 2, 3, 4],
  ];
  const padded = rows.map((row) => [...row, ...new Array<number>(50).fill(0)]);
  const space = await sparseSpace(toCsr(rows), 'spearman', 56, rowNumbers(2));
  assertSpace(space, padded);
  const far = await sparseSpace(toCsr(rows), 'spearman', 1e5, rowNumbers(2));
  const { values } = far.tile({ rowStart: 0, rowEnd: 1, columnStart: 1, columnEnd: 2 });
  assert.ok(Math.abs(values[0] - 0.5) < 1e-4, 'Ochiai: 2 of 4 and 4 genes');
});

test('equal cells are at distance 0, and correlate with exactly 1', async () => {
  const [row] = randomRows(11, 1, 500, 0.4, (random) => random.float64() * 9);
  for (const make of [fromRows, fromDense]) {
    for (const metric of METRICS) {
      const space = await make([row, row], metric);
      const { values } = space.tile({ rowStart: 0, rowEnd: 1, columnStart: 1, columnEnd: 2 });
      assert.equal(values[0], metric === 'euclidean' ? 0 : 1, metric);
    }
  }
});

test('Spearman is the same for counts, multiples and logarithms', async () => {
  const rows = randomRows(12, 15, 60, 0.4);
  const values = async (of: number[][]) => {
    const { values } = (await fromRows(of, 'spearman')).tile({
      rowStart: 0,
      rowEnd: 15,
      columnStart: 0,
      columnEnd: 15,
    });
    return values.slice();
  };
  const expected = await values(rows);
  assert.deepEqual(await values(rows.map((row) => row.map((x) => x * 7.5))), expected);
  assert.deepEqual(await values(rows.map((row) => row.map(Math.log1p))), expected);
});

test('rows are taken in the order asked for', async () => {
  const rows = randomRows(13, 9, 20, 0.5);
  const order = Int32Array.of(4, 2, 8, 0, 1, 7, 6, 5, 3);
  const inOrder = [...order].map((row) => rows[row]);
  assertSpace(await sparseSpace(toCsr(rows), 'pearson', 20, order), inOrder);
  assertSpace(await denseSpace(embedded(rows), 'cosine', order), inOrder);
});

test('rows read block by block give the same space, to the last bit, and are not held', async () => {
  const rows = randomRows(11, 24, 30, 0.6);
  const order = Int32Array.from(rows.keys(), (i) => (i * 7) % 24);
  const all = { rowStart: 0, rowEnd: 24, columnStart: 0, columnEnd: 24 };
  for (const metric of METRICS.filter((one) => !isDetectionMetric(one))) {
    // The second one needs ranks beyond the kernel of small integers.
    for (const genes of [30, 40_000]) {
      const source = inBlocks(toCsr(rows), [5, 1, 0, 10, 8]);
      const streamed = await streamedSpace(source, metric, genes, order);
      const whole = await sparseSpace(toCsr(rows), metric, genes, order);
      assert.deepEqual(streamed.defined, whole.defined);
      assert.deepEqual(streamed.tile(all).values.slice(), whole.tile(all).values.slice(), metric);
    }
  }
  const some = await streamedSpace(inBlocks(toCsr(rows), [12, 12]), 'cosine', 30, Int32Array.of(20, 3));
  assertSpace(some, [rows[20], rows[3]]);
});

test('what cannot be compared is refused', async () => {
  await assert.rejects(fromRows([[1, Number.NaN]], 'euclidean'), /a value of NaN.*cannot be compared/);
  await assert.rejects(
    fromRows(
      [
        [1, 2],
        [1, 1e20],
      ],
      'cosine',
    ),
    { where: 'row 1, column 1 (counted from 0)' },
  );
  await assert.rejects(fromRows([[1, -2]], 'spearman'), /negative value \(-2\)/);
  await assert.rejects(fromDense([[1, Number.POSITIVE_INFINITY]], 'cosine'), { where: 'cell "c0", d2' });
});
