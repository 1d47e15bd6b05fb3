import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { centredRanks, tieRuns, weightedCentredRanks } from '../../lib/stats/average-ranks.ts';
import { spearman, weightedSpearman } from '../../lib/stats/correlation.ts';
import { DenseRanks } from '../../lib/stats/dense-ranks.ts';
import { medianOfSorted, QUANTILES, quantileOfSorted, quantilesFrom } from '../../lib/stats/quantiles.ts';
import { RankComparison } from '../../lib/stats/rank-agreement.ts';
import { SparseRanker } from '../../lib/stats/sparse-ranks.ts';

/** What scipy and numpy say of x, y and weights: see make_stats.py. */
interface Case {
  readonly x: number[];
  readonly y: number[];
  readonly weights: number[];
  readonly ranks: number[];
  readonly dense_ranks: number[];
  /** Null for a weight of 0. */
  readonly weighted_ranks: (number | null)[];
  readonly spearman: number | null;
  readonly weighted_spearman: number | null;
  /** Of PROBABILITIES. */
  readonly quantiles: number[];
  readonly median: number;
}

const PROBABILITIES = [0, 0.025, ...QUANTILES, 0.975, 1];
const golden: Case[] = JSON.parse(
  readFileSync(new URL('../golden/stats/stats.json', import.meta.url), 'utf8'),
);

const close = (found: number, expected: number | null) =>
  assert.ok(
    expected === null ? Number.isNaN(found) : Math.abs(found - expected) < 1e-14,
    `${found}, expected ${expected}`,
  );

test('average ranks of dense values are those of scipy', () => {
  for (const { x, ranks } of golden) {
    const doubled = centredRanks(tieRuns(x), new Float64Array(x.length));
    assert.deepEqual(
      [...doubled].map((rank) => (rank + x.length + 1) / 2),
      ranks,
    );
    const inPlace = Float64Array.from(x);
    assert.deepEqual(centredRanks(tieRuns(inPlace), inPlace), doubled);
  }
});

test('average ranks of sparse rows are those of scipy with the zeros stored', () => {
  const ranker = new SparseRanker();
  const counts = golden.filter(({ x }) => x.every((value) => value >= 0));
  for (const { x, ranks } of counts) {
    const values = Float32Array.from(x.filter((value) => value > 0));
    const zeros = x.length - values.length;
    ranker.rank(values, zeros);
    assert.deepEqual(
      [...values].map((rank) => (rank + zeros + 1) / 2),
      ranks.filter((_, i) => x[i] > 0),
    );
  }
  assert.ok(counts.some(({ x }) => x.includes(0)));
});

test('ranks of weighted points are those of scipy of so many points', () => {
  for (const { x, weights, weighted_ranks } of golden) {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const doubled = weightedCentredRanks(tieRuns(x), Float64Array.from(weights), new Float64Array(x.length));
    for (const [i, rank] of weighted_ranks.entries()) {
      if (rank !== null) assert.equal((doubled[i] + total + 1) / 2, rank);
    }
  }
});

test('dense ranks by descending value are those of scipy', () => {
  for (const { x, dense_ranks } of golden.filter((one) => one.x.every((value) => value >= 0))) {
    const ranks = new DenseRanks(x.length);
    ranks.group(Float64Array.from(x), x.length);
    assert.deepEqual(
      [...ranks.codes].map((code) => code + 1),
      dense_ranks,
    );
  }
});

test("Spearman's correlation is that of scipy, of points, of weighted points, and of rows", () => {
  for (const { x, y, weights, ...expected } of golden) {
    close(spearman(x, y), expected.spearman);
    close(weightedSpearman(x, y)(Float64Array.from(weights)), expected.weighted_spearman);
    assert.deepEqual(weightedSpearman(x, y)(new Float64Array(x.length).fill(1)), spearman(x, y));
    if (![...x, ...y].every((value) => value >= 0)) continue;
    const rows = new RankComparison(x.length).compare(Float64Array.from(x), Float64Array.from(y), x.length);
    assert.deepEqual(rows.spearman, spearman(x, y));
  }
  assert.ok(golden.some(({ spearman }) => spearman === null));
});

test('quantiles and medians are those of numpy, to the last bit', () => {
  for (const { x, quantiles, median } of golden) {
    const sorted = Float64Array.from(x).sort();
    assert.deepEqual(
      PROBABILITIES.map((p) => quantileOfSorted(sorted, p)),
      quantiles,
    );
    assert.deepEqual(
      quantilesFrom(sorted.length, (rank) => sorted[rank]),
      quantiles.slice(2, 7),
    );
    assert.equal(medianOfSorted(sorted), median);
  }
  assert.ok(Number.isNaN(quantileOfSorted([], 0.5)) && Number.isNaN(medianOfSorted([])));
});
