import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { randomSource } from '../../lib/flow/random.ts';
import { exp, expm1, log, log1p } from '../../lib/kernels/math.ts';

/** The distance to the next double. */
function ulp(x: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(x));
  view.setBigInt64(0, view.getBigInt64(0) + 1n);
  return view.getFloat64(0) - Math.abs(x);
}

/** Largest error in ulps against the engine's own function, which is within 1 ulp itself. */
function worst(ours: (x: number) => number, theirs: (x: number) => number, inputs: number[]): number {
  let most = 0;
  for (const x of inputs) {
    const expected = theirs(x);
    most = Math.max(most, Math.abs(ours(x) - expected) / ulp(expected));
  }
  return most;
}

const stream = randomSource(0, 'math test').stream('inputs');
const between = (low: number, high: number, n = 20_000) =>
  Array.from({ length: n }, () => low + (high - low) * stream.float64());
/** Spread over all magnitudes from 2^low to 2^high. */
const magnitudes = (low: number, high: number) => between(low, high).map((power) => 2 ** power);

suite('exp', () => {
  test('is within 1 ulp, and some for the reference', () => {
    assert.ok(worst(exp, Math.exp, between(-2, 2)) <= 1);
    assert.ok(worst(exp, Math.exp, between(-708, 709)) <= 1);
    assert.ok(worst(exp, Math.exp, magnitudes(-60, -1)) <= 1);
  });

  test('underflows through the subnormal numbers', () => {
    assert.ok(worst(exp, Math.exp, between(-745, -708, 2000)) <= 1);
    assert.equal(exp(-745.2), 0);
  });

  test('knows its ends', () => {
    assert.deepEqual([0, -0, 710, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN].map(exp), [
      1,
      1,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      0,
      Number.NaN,
    ]);
    assert.ok(exp(709.78) < Number.POSITIVE_INFINITY);
  });
});

suite('log', () => {
  test('is within 1 ulp', () => {
    assert.ok(worst(log, Math.log, between(0.5, 2)) <= 1);
    assert.ok(worst(log, Math.log, magnitudes(-1074, 1023)) <= 1);
    assert.ok(worst(log, Math.log, [Number.MIN_VALUE, Number.MAX_VALUE, 2 ** -1022]) <= 1);
  });

  test('knows its ends', () => {
    assert.deepEqual([1, 0, -1, Number.POSITIVE_INFINITY, Number.NaN].map(log), [
      0,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
  });
});

suite('log1p and expm1', () => {
  test('keep their digits near zero', () => {
    assert.ok(worst(log1p, Math.log1p, magnitudes(-70, 0)) <= 2);
    assert.ok(worst(expm1, Math.expm1, magnitudes(-70, 0)) <= 4);
  });

  test('are right for counts', () => {
    assert.ok(worst(log1p, Math.log1p, between(0, 1e5)) <= 2);
    assert.ok(worst(expm1, Math.expm1, between(0, 12)) <= 4);
    assert.ok(worst(expm1, Math.expm1, between(30, 700)) <= 2);
    assert.ok(worst(expm1, Math.expm1, between(-20, 0)) <= 4);
  });

  test('know their ends', () => {
    assert.deepEqual([0, Number.POSITIVE_INFINITY].map(log1p), [0, Number.POSITIVE_INFINITY]);
    assert.equal(log1p(-1), Number.NEGATIVE_INFINITY);
    assert.deepEqual([0, -800, 800].map(expm1), [0, -1, Number.POSITIVE_INFINITY]);
    assert.ok(Number.isNaN(log1p(Number.NaN)) && Number.isNaN(expm1(Number.NaN)));
  });
});
