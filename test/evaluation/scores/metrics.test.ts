/** Metrics of integration: worked examples of scIB's definitions, and scikit-learn's numbers on 60 points. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  adjustedRandIndex,
  normalizedMutualInformation,
} from '../../../lib/evaluation/scores/clusterings.ts';
import { componentRegression } from '../../../lib/evaluation/scores/component-regression.ts';
import type { Points } from '../../../lib/evaluation/scores/distances.ts';
import {
  graphConnectivity,
  lisi,
  lisiOf,
  mixingOf,
  separationOf,
} from '../../../lib/evaluation/scores/neighborhoods.ts';
import { batchWidth, labelWidth, silhouette } from '../../../lib/evaluation/scores/silhouette.ts';
import { randomSource } from '../../../lib/flow/random.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../golden/metrics/metrics.json', import.meta.url), 'utf8'),
);

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-12) {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    assert.ok(
      Math.abs(actual[i] - expected[i]) <= tolerance,
      `[${i}]: ${actual[i]}, expected ${expected[i]}`,
    );
  }
}

const pointsOf = (rows: number[][]): Points => ({
  rows: rows.length,
  dims: rows[0].length,
  values: Float64Array.from(rows.flat()),
});

/** As in make_metrics.py. */
const rows60 = Array.from({ length: 60 }, (_, i) => i);
const sixty = {
  points: pointsOf(
    rows60.map((i) => [((i * i * 7 + i) % 31) + 10 * (i % 3), ((i * 11) % 29) - 8 * (i % 3), (i * i) % 17]),
  ),
  label: rows60.map((i) => 'ABC'[i % 3]),
  batch: rows60.map((i) => ((i * i + i) % 7 < 3 ? 'x' : 'y')),
  cluster: rows60.map((i) => 'pqrs'[Math.floor((i * 5 + (i % 3)) / 80) % 4]),
};

const eight = {
  points: pointsOf([
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
    [5, 5],
    [6, 5],
    [5, 6],
    [9, 0],
  ]),
  labels: [...'AAAABBBC'],
  batches: [...'xyxyxyxx'],
  clusters: [...'00011222'],
};

test('silhouettes of a worked example: a label of one cell has 0 and is left out of batches', () => {
  const widths = silhouette(eight.points, eight.labels);
  assert.equal(widths[7], 0);
  assertClose([widths.reduce((a, b) => a + b) / 8], [0.7251740229941964]);
  assertClose([labelWidth(eight.points, eight.labels)], [0.8625870114970982]);
  assertClose([batchWidth(eight.points, eight.labels, eight.batches)], [0.8653980259041864]);
  const only = (label: string) => {
    const own = eight.labels.flatMap((l, i) => (l === label ? [i] : []));
    const rows = own.map((i) => [...eight.points.values.slice(2 * i, 2 * i + 2)]);
    return batchWidth(
      pointsOf(rows),
      own.map(() => label),
      own.map((i) => eight.batches[i]),
    );
  };
  assertClose([only('A'), only('B')], [0.8284271247461903, 0.9023689270621825]);
});

test('silhouettes are those of scikit-learn', () => {
  assertClose(silhouette(sixty.points, sixty.label), golden.silhouette);
  assertClose([batchWidth(sixty.points, sixty.label, sixty.batch)], [golden.batch_width]);
});

test('silhouettes at the edges: one group, equal points, only labels that cannot be mixed', () => {
  assert.ok(
    silhouette(
      eight.points,
      eight.labels.map(() => 'A'),
    ).every(Number.isNaN),
  );
  const same = pointsOf([[1], [1], [1], [1]]);
  assert.deepEqual([...silhouette(same, [...'AABB'])], [0, 0, 0, 0]);
  assert.ok(Number.isNaN(batchWidth(eight.points, eight.labels, eight.labels)));
});

test('mutual information and Rand index of a worked example, and those of scikit-learn', () => {
  const { labels, clusters } = eight;
  assertClose([normalizedMutualInformation(labels, clusters)], [0.5468828911699958]);
  assertClose([adjustedRandIndex(labels, clusters)], [0.30434782608695654]);
  assertClose([normalizedMutualInformation(sixty.label, sixty.cluster)], [golden.nmi]);
  assertClose([adjustedRandIndex(sixty.label, sixty.cluster)], [golden.ari]);
});

test('groupings agree with themselves under other names; one group for all agrees with nothing else', () => {
  const { labels } = eight;
  const renamed = labels.map((label) => ({ A: 'z', B: 'A', C: 'q' })[label]!);
  assertClose([normalizedMutualInformation(labels, renamed), adjustedRandIndex(labels, renamed)], [1, 1]);
  const one = labels.map(() => 'all');
  assert.deepEqual([normalizedMutualInformation(labels, one), adjustedRandIndex(labels, one)], [0, 0]);
  assert.deepEqual([normalizedMutualInformation(one, one), adjustedRandIndex(one, one)], [1, 1]);
  const apart = labels.map((_, i) => String(i));
  assert.equal(adjustedRandIndex(apart, apart), 1);
});

test('component regression is that of scIB; columns that do not vary weigh nothing', () => {
  const found = componentRegression(golden.components.flat(), 3, sixty.batch);
  assertClose(found.variances, golden.variances, 1e-9);
  assertClose(found.explained, golden.r2);
  assertClose([found.share], [golden.pcr]);
  assert.equal(componentRegression([1, 5, 1, 5, 1, 6], 2, [...'xyx']).variances[0], 0);
  assert.ok(Number.isNaN(componentRegression([1, 1, 1], 1, [...'xyx']).share));
  assertClose([componentRegression([0, 0, 3, 3], 1, [...'xxyy']).share], [1]);
});

test('connectivity is the share of the largest component of each label', () => {
  const near = { rows: 60, k: 4, indices: golden.neighbors.flat(), distances: [] };
  assertClose([graphConnectivity(near, sixty.label)], [golden.connectivity]);
  const chain = { rows: 5, k: 1, indices: [1, 0, 3, 2, 3], distances: [] };
  assert.equal(graphConnectivity(chain, [...'AAAAA']), 3 / 5);
  assert.equal(graphConnectivity(chain, [...'AABBC']), 1);
});

test('the index of one cell is that of a worked example', () => {
  const { beta, lisi } = lisiOf([1, 2, 3, 4, 5, 6], [0, 0, 1, 0, 1, 1], 2, 2);
  assertClose([beta], [1.479949951171875], 0);
  assertClose([lisi], [1.088769352111459], 1e-12);
});

test('cells whose neighbours are all of one label have 1; those of two in equal parts have 2', () => {
  const near = {
    rows: 2,
    k: 6,
    indices: [0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0],
    distances: new Array(12).fill(1),
  };
  assertClose(lisi(near, ['a', 'b']), [2, 1]);
});

/** `count` cells at random places, with their `k` nearest. */
function crowd(count: number, k: number) {
  const stream = randomSource(0, 'crowd').stream('places');
  const rows = Array.from({ length: count }, () => [stream.float64(), stream.float64()]);
  const near = rows.map((a, i) =>
    rows
      .map((b, j) => ({ j, d: Math.hypot(a[0] - b[0], a[1] - b[1]) }))
      .filter(({ j }) => j !== i)
      .sort((x, y) => x.d - y.d)
      .slice(0, k),
  );
  const neighborhoods = {
    rows: count,
    k,
    indices: near.flatMap((list) => list.map(({ j }) => j)),
    distances: near.flatMap((list) => list.map(({ d }) => d)),
  };
  return { points: pointsOf(rows), neighborhoods };
}

test('two batches that are alike: mixing near 1, nothing explained; labels at random: no agreement, no width', () => {
  const { points, neighborhoods } = crowd(400, 30);
  const stream = randomSource(1, 'crowd').stream('labels');
  const draw = () => Array.from({ length: 400 }, () => (stream.float64() < 0.5 ? 'x' : 'y'));
  const batches = draw();
  assert.ok(mixingOf(lisi(neighborhoods, batches), 2) > 0.8);
  assert.ok(separationOf(lisi(neighborhoods, batches), 2) < 0.2);
  assert.ok(componentRegression(points.values, 2, batches).share < 0.02);
  assert.ok(Math.abs(adjustedRandIndex(batches, draw())) < 0.03);
  assert.ok(Math.abs(labelWidth(points, batches) - 0.5) < 0.02);
});
