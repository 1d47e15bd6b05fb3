import assert from 'node:assert/strict';
import test from 'node:test';
import { agreementOf } from '../../lib/pairwise/joint/agreement.ts';
import { spearman } from '../../lib/stats/correlation.ts';

test('ties share the average rank, as in scipy', () => {
  // scipy.stats.spearmanr([0, 0, 0, 2, 5], [0, 1, 0, 3, 3])
  assert.ok(Math.abs(spearman([0, 0, 0, 2, 5], [0, 1, 0, 3, 3]) - 0.8838834764831843) < 1e-15);
  assert.equal(spearman([1, 2, 3], [30, 20, 10]), -1);
});

test('constant values and fewer than two have no correlation', () => {
  assert.ok(Number.isNaN(spearman([1, 1, 1], [1, 2, 3])));
  assert.ok(Number.isNaN(spearman([1], [1])));
  assert.ok(Number.isNaN(spearman([], [])));
});

test('points are matched by types, and left out where a median is missing', () => {
  const x = {
    type_a: ['a', 'a', 'b', 'a', 'b', 'c'],
    type_b: ['a', 'b', 'b', 'c', 'c', 'c'],
    within: [true, false, true, false, false, true],
    median: Float64Array.of(1, 5, 2, 6, 7, 3),
  };
  const order = [5, 4, 3, 2, 1, 0];
  const y = {
    type_a: order.map((i) => x.type_a[i]),
    type_b: order.map((i) => x.type_b[i]),
    within: order.map((i) => x.within[i]),
    median: Float64Array.from([9, 30, 20, Number.NaN, 10, 8]),
  };
  assert.deepEqual(agreementOf(x, y), [
    { scope: 'within', nPoints: 2, spearman: 1 },
    { scope: 'between', nPoints: 3, spearman: 1 },
  ]);
});
