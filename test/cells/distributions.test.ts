import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { gamma, negativeBinomial, normal, poisson } from '../../lib/cells/simulated/distributions.ts';
import { type RandomStream, randomSource } from '../../lib/flow/random.ts';

const N = 100_000;

/** Draws N variates; mean and variance must lie within 5 standard errors of what they should be. */
function assertMoments(
  name: string,
  draw: (stream: RandomStream) => number,
  expected: { mean: number; variance: number; fourth: number },
) {
  const stream = randomSource(1, 'distributions test').stream(name);
  const values = Float64Array.from({ length: N }, () => draw(stream));
  const mean = values.reduce((sum, v) => sum + v, 0) / N;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (N - 1);
  const off = Math.abs(mean - expected.mean) / Math.sqrt(expected.variance / N);
  assert.ok(off < 5, `${name}: mean ${mean}, expected ${expected.mean}`);
  const spread = Math.sqrt((expected.fourth - expected.variance ** 2) / N);
  assert.ok(
    Math.abs(variance - expected.variance) < 5 * spread,
    `${name}: variance ${variance}, expected ${expected.variance}`,
  );
  return values;
}

/** Fourth central moment of a Poisson mixture with gamma mean: from the cumulants of the negative binomial. */
function negativeBinomialMoments(mean: number, size: number) {
  const p = mean / (mean + size);
  const variance = mean + mean ** 2 / size;
  // Excess kurtosis 6/r + (1 − p)²/(p r)
  const fourth = variance ** 2 * (3 + 6 / size + (1 - p) ** 2 / (p * size));
  return { mean, variance, fourth };
}

test('normal has the moments of a standard normal', () => {
  assertMoments('normal', normal, { mean: 0, variance: 1, fourth: 3 });
});

suite('gamma', () => {
  for (const shape of [0.1, 0.7, 1, 3.5, 40]) {
    test(`of shape ${shape} has mean and variance ${shape}`, () => {
      const fourth = 3 * shape ** 2 + 6 * shape;
      const values = assertMoments(`gamma ${shape}`, (s) => gamma(s, shape), {
        mean: shape,
        variance: shape,
        fourth,
      });
      assert.ok(values.every((value) => value >= 0 && Number.isFinite(value)));
    });
  }
});

suite('poisson', () => {
  // On both sides of the change of method at 10, and far above.
  for (const mean of [0.05, 2, 9.99, 10, 35, 1e4]) {
    test(`of mean ${mean} has variance ${mean}`, () => {
      const values = assertMoments(`poisson ${mean}`, (s) => poisson(s, mean), {
        mean,
        variance: mean,
        fourth: mean + 3 * mean ** 2,
      });
      assert.ok(values.every((value) => Number.isInteger(value) && value >= 0));
    });
  }

  test('of mean 0 is 0', () => {
    assert.equal(poisson(randomSource(0, 'x').stream(), 0), 0);
  });

  test('has the right probabilities, not only moments', () => {
    const stream = randomSource(2, 'distributions test').stream('pmf');
    const seen = new Float64Array(60);
    for (let i = 0; i < N; i++) seen[Math.min(59, poisson(stream, 12))]++;
    let p = Math.exp(-12);
    let chiSquare = 0;
    for (let k = 0; k <= 26; k++) {
      if (k >= 2) chiSquare += (seen[k] - N * p) ** 2 / (N * p);
      p *= 12 / (k + 1);
    }
    // 25 terms: the 99.99 % quantile of chi-square is 62.
    assert.ok(chiSquare < 62, `chi-square ${chiSquare}`);
  });
});

suite('negative binomial', () => {
  for (const [mean, size] of [
    [0.02, 2],
    [0.8, 0.5],
    [3, 5],
    [9.9, 1],
    [60, 3],
  ]) {
    test(`of mean ${mean} and size ${size} has variance mean + mean² / size`, () => {
      assertMoments(
        `negative binomial ${mean} ${size}`,
        (s) => negativeBinomial(s, mean, size),
        negativeBinomialMoments(mean, size),
      );
    });
  }

  test('has the right share of zeros', () => {
    const stream = randomSource(3, 'distributions test').stream('zeros');
    let zeros = 0;
    for (let i = 0; i < N; i++) if (negativeBinomial(stream, 0.3, 1.5) === 0) zeros++;
    const p = (1.5 / 1.8) ** 1.5;
    assert.ok(Math.abs(zeros / N - p) < 5 * Math.sqrt((p * (1 - p)) / N), `${zeros / N}, expected ${p}`);
  });
});
