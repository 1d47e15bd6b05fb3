/** Cells and groups of the sizes that a study has, and of the largest that it can have. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { countPairs } from '../../lib/pairwise/quantiles/count-pairs.ts';
import { planCounts } from '../../lib/pairwise/quantiles/count-plan.ts';
import { describeTypePairs } from '../../lib/pairwise/quantiles/describe.ts';
import { mergeCounts } from '../../lib/pairwise/quantiles/merged-counts.ts';
import { denseSpace } from '../../lib/pairwise/spaces/dense-space.ts';
import { METRICS, type Metric } from '../../lib/pairwise/spaces/metric.ts';
import { rowNumbers } from '../../lib/pairwise/spaces/open-space.ts';
import type { Space } from '../../lib/pairwise/spaces/space.ts';
import { sparseSpace } from '../../lib/pairwise/spaces/sparse-space.ts';
import { planTasks } from '../../lib/pairwise/tiles/tasks.ts';
import { cellTypes } from '../../lib/pairwise/tiles/type-pairs.ts';
import { QUANTILES, ranksOf } from '../../lib/stats/quantiles.ts';
import { useKernels } from '../helpers/kernels.ts';
import { pairValue, randomRows, toCsr } from './oracle.ts';

useKernels();

/** Largest deviations from a reference in 64-bit floats: of correlations, and of distances as a share of them. */
const DEVIATION = { correlation: 1e-6, distance: 1e-5 };

function assertClose(space: Space, rows: number[][], what: string): void {
  const n = rows.length;
  const { values, stride } = space.tile({ rowStart: 0, rowEnd: n, columnStart: 0, columnEnd: n });
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const expected = pairValue(space.metric as Metric, rows[i], rows[j]);
      const allowed = space.metric === 'euclidean' ? DEVIATION.distance * expected : DEVIATION.correlation;
      const off = Math.abs(values[i * stride + j] - expected);
      assert.ok(off <= allowed, `${what}, ${space.metric} of ${i} and ${j}: off by ${off}`);
    }
  }
}

test('cells of 2,435 and of 60,000 genes are within 1e-6 of 64-bit floats, distances within 1e-5 of them', async () => {
  for (const [genes, density] of [
    [2435, 0.125],
    [2435, 1],
    [60_000, 0.05],
    [60_000, 0.4],
  ]) {
    const rows = randomRows(genes, 4, genes, density);
    for (const metric of METRICS) {
      const space = await sparseSpace(toCsr(rows), metric, genes, rowNumbers(rows.length));
      assertClose(space, rows, `${genes} genes`);
    }
  }
});

test('embeddings of 1 to 1,280 dimensions are as close, cells beside each other far from the origin too', async () => {
  for (const dims of [1, 2, 5, 50, 61, 62, 1280]) {
    const near = randomRows(dims, 12, dims, 1, (random) => Math.fround(random.float64() - 0.5));
    const far = near.map((row) => row.map((x) => Math.fround(1000 + x)));
    for (const rows of [near, far]) {
      const embedding = {
        cellIds: rows.map(String),
        labels: [],
        dims,
        values: Float32Array.from(rows.flat()),
      };
      // Correlations of one or two numbers are 1 or −1, or nothing.
      for (const metric of dims < 5 ? (['euclidean'] as const) : METRICS) {
        assertClose(await denseSpace(embedding, metric, rowNumbers(rows.length)), rows, `${dims} dims`);
      }
    }
  }
});

test('quantiles are exact for groups of one cell and of 35,000', async () => {
  // Cells at 0, 1, 2 … on a line: there are n − d pairs at distance d. One cell stands at −0.5.
  const n = 35_000;
  const labels = [...new Array<string>(n).fill('many'), 'one'];
  const values = Float32Array.from(labels, (label, i) => (label === 'one' ? -0.5 : i));
  const types = cellTypes(labels);
  const embedding = { cellIds: labels, labels, dims: 1, values };
  const space = await denseSpace(embedding, 'euclidean', types.order);
  const plan = await planCounts(space, types, []);
  const found = await mergeCounts(plan, [await countPairs(space, types, planTasks(types), plan)]);
  assert.equal(found.groups.get(0)?.n, (n * (n - 1)) / 2);
  // All values of a bin are one: held where the quantiles lie, so that no refinement is needed for them.
  const table = describeTypePairs(types.names, found, []);
  const columns = [table.q05, table.q25, table.median, table.q75, table.q95];
  const atMost = (d: number) => d * n - (d * (d + 1)) / 2;
  const orderStatistic = (rank: number) => {
    let d = 1;
    while (atMost(d) <= rank) d++;
    return d;
  };
  for (const [i, p] of QUANTILES.entries()) {
    const many = ranksOf(p, (n * (n - 1)) / 2);
    const [a, b] = [orderStatistic(many.low), orderStatistic(many.high)];
    assert.equal(columns[i][0], a + (b - a) * many.fraction);
    const one = ranksOf(p, n);
    assert.ok(Math.abs(columns[i][1] - (one.low + 0.5 + one.fraction)) < 1e-9);
  }
});
