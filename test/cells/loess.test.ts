import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loess, treeVertices } from '../../lib/cells/hvg/loess.ts';

const x = Float64Array.from({ length: 40 }, (_, i) => i / 10);
const y = x.map((v) => Math.sin(v) + v / 5);

function assertClose(actual: ArrayLike<number>, expected: readonly number[], tolerance: number) {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(actual[i] - value) <= tolerance, `[${i}]: ${actual[i]}, expected ${value}`);
  }
}

test('vertices and values are those of R and scikit-misc', () => {
  const vertices = [
    -0.0195, 0.1, 0.2, 0.4, 0.6, 0.7, 0.9, 1.1, 1.2, 1.4, 1.6, 1.7, 1.9, 2.1, 2.2, 2.4, 2.6, 2.7, 2.9, 3.1,
    3.2, 3.4, 3.6, 3.7, 3.9195,
  ];
  assertClose(treeVertices(x, Math.floor(40 * 0.3 * 0.2)), vertices, 1e-12);
  const fitted = loess(x, y, 0.3);
  assertClose(
    [0, 1, 10, 20, 39].map((i) => fitted[i]),
    [-0.00262952548183438, 0.12116479821277244, 1.0412597231521139, 1.3090691365061602, 0.08960376804033161],
    1e-14,
  );
});

test('the order of points does not matter', () => {
  const order = Array.from(x.keys()).sort((a, b) => ((a * 7) % 40) - ((b * 7) % 40));
  const fitted = loess(
    Float64Array.from(order, (i) => x[i]),
    Float64Array.from(order, (i) => y[i]),
    0.3,
  );
  const plain = loess(x, y, 0.3);
  for (const [place, i] of order.entries()) assert.equal(fitted[place], plain[i]);
});

test('a quadratic is its own fit', () => {
  const quadratic = x.map((v) => 3 - 2 * v + 0.5 * v * v);
  assertClose(loess(x, quadratic, 0.5), [...quadratic], 1e-12);
});

test('points at one place have their mean, at two places a line', () => {
  assertClose(loess(Float64Array.of(2, 2, 2, 2), Float64Array.of(1, 2, 3, 6), 1), [3, 3, 3, 3], 1e-12);
  const places = Float64Array.from({ length: 40 }, (_, i) => (i < 20 ? 1 : 2));
  const fitted = loess(
    places,
    places.map((p) => 5 * p),
    0.3,
  );
  assert.ok(fitted.every(Number.isFinite));
  assertClose(fitted, [...places.map((p) => 5 * p)], 1e-9);
});

test('few points, and none', () => {
  assert.deepEqual(loess(new Float64Array(0), new Float64Array(0), 0.3), new Float64Array(0));
  assertClose(loess(Float64Array.of(3), Float64Array.of(7), 0.3), [7], 0);
  assert.ok(loess(Float64Array.of(1, 2, 4), Float64Array.of(1, 3, 2), 0.3).every(Number.isFinite));
});
