import assert from 'node:assert/strict';
import test from 'node:test';
import { fitCurve } from '../../../lib/embeddings/umap/curve.ts';
import { golden } from './golden.ts';

test("a and b are umap-learn's", () => {
  for (const [minDist, spread, a, b] of golden.curves) {
    const found = fitCurve(minDist, spread);
    assert.ok(Math.abs(found.a - a) <= 2e-5 * Math.max(1, a), `a of ${minDist}, ${spread}: ${found.a}`);
    assert.ok(Math.abs(found.b - b) <= 2e-5, `b of ${minDist}, ${spread}: ${found.b}`);
  }
});

test('the curve keeps its shape in any unit, where a start at a = b = 1 would be lost', () => {
  const unit = fitCurve(0.3, 1);
  for (const spread of [1e-3, 10, 1000]) {
    const { a, b } = fitCurve(0.3 * spread, spread);
    assert.ok(Math.abs(b - unit.b) < 1e-9);
    assert.ok(Math.abs(a * spread ** (2 * b) - unit.a) < 1e-9 * unit.a);
  }
});
