import assert from 'node:assert/strict';
import test from 'node:test';
import { encodingKinds } from '../../../lib/encodings/index.ts';
import { InverseSums } from '../../../lib/evaluation/diagnostics/inverse.ts';
import { positionsOf } from '../../../lib/evaluation/diagnostics/positions.ts';
import { encode } from '../../encodings/encode.ts';

const close = (found: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(found - expected) < tolerance, `${found}, expected ${expected}`);

function sumsOf(points: readonly (readonly [number, number])[], isPosition = true): InverseSums {
  const sums = new InverseSums();
  for (const [x, y] of points) sums.add(x, y, isPosition);
  return sums;
}

test('the published example: counts 0, 3, 1, 0, 7, 2', () => {
  const values = [7, 3, 2, 1].map((count) => Math.log10(1 + (count / 13) * 10_000));
  const line = sumsOf(values.map((value, p) => [Math.log10(1 + p), value])).line();
  close(line.slope, -1.3335582339983771);
  close(line.intercept, 3.7522957909496824);
  close(line.r2, 0.9741958515629122);
  close(line.r2Detected, line.r2);
});

test('a straight line comes back, with all that it explains', () => {
  const points = Array.from({ length: 200 }, (_, p): [number, number] => {
    const x = Math.log10(1 + p);
    return [x, 2.5 - 0.75 * x];
  });
  const line = sumsOf(points).line();
  close(line.slope, -0.75);
  close(line.intercept, 2.5);
  close(line.r2, 1);
});

test('the first 999 genes make the line, all of them are predicted', () => {
  const points = Array.from({ length: 1500 }, (_, p): [number, number] => {
    const x = Math.log10(1 + p);
    return [x, p < 999 ? 3 - x : 1];
  });
  const ordered = sumsOf(points).line();
  close(ordered.slope, -1, 1e-8);
  close(ordered.intercept, 3, 1e-8);
  assert.ok(ordered.r2 < 0.95);
  assert.notEqual(sumsOf(points, false).line().slope, ordered.slope);
});

test('a gene without an entry is predicted to be 0', () => {
  const sums = sumsOf([
    [0, 2],
    [1, 1],
  ]);
  sums.addAbsent(3);
  const { r2, r2Detected } = sums.line();
  close(r2, 1);
  // SSE = 3², SST = (2 − 2)² + (1 − 2)² + (3 − 2)².
  close(r2Detected, 1 - 9 / 2);
});

test('one point, or points that are all alike, make no line', () => {
  for (const points of [
    [],
    [[0, 1]],
    [
      [1, 2],
      [1, 3],
    ],
  ] as [number, number][][]) {
    const { slope, r2 } = sumsOf(points).line();
    assert.ok(Number.isNaN(slope) && Number.isNaN(r2));
  }
  const flat = sumsOf([
    [0, 2],
    [1, 2],
    [2, 2],
  ]).line();
  close(flat.slope, 0);
  assert.ok(Number.isNaN(flat.r2), 'there is no variance to explain');
});

test('sums of cells add up', () => {
  const [a, b] = [
    sumsOf([
      [0, 3],
      [1, 2],
    ]),
    sumsOf([
      [2, 2],
      [3.5, 0],
    ]),
  ];
  a.addSums(b);
  const together = sumsOf([
    [0, 3],
    [1, 2],
    [2, 2],
    [3.5, 0],
  ]);
  assert.deepEqual(a.line(), together.line());
  a.clear();
  assert.ok(Number.isNaN(a.line().slope));
});

test('places come back from the numbers of every encoding that is an order', async () => {
  const rows = [[0, 3, 1, 0, 7, 2]];
  for (const kind of ['cell2sentence', 'genept-s', 'rank-detected', 'rank'] as const) {
    const { matrix, encoder } = await encode({ kind, genes: 'all' }, rows);
    const entries = { n: matrix.indptr[1], genesUsed: encoder.metadata.genesUsed };
    const places = Array.from(matrix.values, (value) => positionsOf(kind)!(value, entries));
    assert.deepEqual(places, [1, 3, 0, 2], kind);
  }
  const { matrix } = await encode({ kind: 'rank', genes: 'all' }, [[2, 2, 5, 0]]);
  const tied = Array.from(matrix.values, (value) => positionsOf('rank')!(value, { n: 3, genesUsed: 4 }));
  assert.deepEqual(tied, [1.5, 1.5, 0]);
  const orders = encodingKinds.filter((kind) => positionsOf(kind) !== undefined);
  assert.deepEqual(orders, ['cell2sentence', 'geneformer', 'genept-s', 'rank', 'rank-detected']);
});
