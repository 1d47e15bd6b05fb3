import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimalsFor } from '../../lib/report/drawing/text.ts';

test('numbers beside each other have one number of decimals, by the largest', () => {
  const cases: [number, number, number][] = [
    [19.8, 3, 1],
    [5.2, 3, 2],
    [10, 3, 1],
    [9.99, 3, 2],
    [0.43, 2, 2],
    [1234, 3, 0],
    [1e-9, 2, 6],
    [0, 3, 2],
    [Number.POSITIVE_INFINITY, 3, 2],
  ];
  for (const [largest, digits, decimals] of cases) {
    assert.equal(decimalsFor(largest, digits), decimals, `${largest}`);
  }
});
