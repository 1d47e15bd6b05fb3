import assert from 'node:assert/strict';
import test from 'node:test';
import { pow, withPortableMath } from '../../../lib/embeddings/umap/reference/portable-math.ts';

test('powers agree with the C library to rounding', () => {
  for (const y of [0.8950608779, 1.3342, -0.105, 0.5, 1, 3]) {
    for (let e = -60; e <= 60; e++) {
      for (const m of [1, 1.0000001, 1.003906, 1.3333, 1.5, 1.999999]) {
        const x = m * 2 ** (e / 2);
        const error = Math.abs(pow(x, y) / x ** y - 1);
        const bound = (2 + Math.abs(y * Math.log(x))) * 4e-16;
        assert.ok(error <= bound, `pow(${x}, ${y}) = ${pow(x, y)}, relative error ${error}`);
      }
    }
  }
});

test('squares are exact, and the edges are those of Math.pow', () => {
  assert.equal(pow(0.1, 2), 0.1 * 0.1);
  assert.equal(pow(-3, 2), 9);
  for (const [x, y] of [
    [0, 1.79],
    [0, -0.1],
    [0, 0],
    [5, 0],
    [1, 0.9],
    [Number.POSITIVE_INFINITY, 0.9],
    [Number.NaN, 0.9],
    [1e-310, 0.5],
    [1e305, 2.5],
    [1e-200, 3],
  ]) {
    const expected = x ** y;
    const found = pow(x, y);
    const near = Object.is(found, expected) || Math.abs(found / expected - 1) < 1e-13;
    assert.ok(near, `pow(${x}, ${y}) = ${found}, expected ${expected}`);
  }
});

test('the functions of Math are put back, also after an error', () => {
  const { pow: before, exp, log } = Math;
  withPortableMath(() => assert.notEqual(Math.pow, before));
  assert.equal(Math.pow, before);
  assert.throws(() =>
    withPortableMath(() => {
      throw new Error('no');
    }),
  );
  assert.deepEqual([Math.pow, Math.exp, Math.log], [before, exp, log]);
});
