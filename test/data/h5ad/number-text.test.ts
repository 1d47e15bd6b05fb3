/** Decimal numbers as text. The texts are Python's: str(x), and str of numpy.float32 for single precision. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberText } from '../../../lib/data/readers/h5ad/number-text.ts';

const DOUBLES: [number, string][] = [
  [0, '0.0'],
  [-0, '-0.0'],
  [2, '2.0'],
  [-1.5, '-1.5'],
  [0.1, '0.1'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [1.25e-7, '1.25e-07'],
  [123456.789, '123456.789'],
  [2 ** 53, '9007199254740992.0'],
  [1e16, '1e+16'],
  [1.5e300, '1.5e+300'],
  [5e-324, '5e-324'],
  [Number.POSITIVE_INFINITY, 'inf'],
  [Number.NEGATIVE_INFINITY, '-inf'],
];

test('doubles as Python prints them', () => {
  for (const [value, text] of DOUBLES) assert.equal(numberText(value, false), text);
});

test('32-bit floats have as many digits as tell them apart', () => {
  for (const [value, text] of [
    [0.1, '0.1'],
    [1 / 3, '0.33333334'],
    [16777216, '16777216.0'],
    [3e-5, '3e-05'],
  ] as const) {
    assert.equal(numberText(Math.fround(value), true), text);
  }
});

test('texts give their numbers back', () => {
  for (let i = 1; i < 2000; i++) {
    const value = (i * 2654435761) / 2 ** (i % 80);
    assert.equal(Number(numberText(value, false)), value);
    assert.equal(Math.fround(Number(numberText(Math.fround(value), true))), Math.fround(value));
  }
});
