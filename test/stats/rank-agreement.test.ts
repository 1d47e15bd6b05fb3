import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { randomSource } from '../../lib/flow/random.ts';
import { DenseRanks, tieMass } from '../../lib/stats/dense-ranks.ts';
import { RankComparison } from '../../lib/stats/rank-agreement.ts';

interface Case {
  counts: number[];
  medians: number[];
  kendall: number | null;
  spearman: number | null;
}

const golden: Case[] = JSON.parse(
  readFileSync(new URL('../golden/stats/rank_agreement.json', import.meta.url), 'utf8'),
);

const compare = (xs: number[], ys: number[]) =>
  new RankComparison(xs.length).compare(Float64Array.from(xs), Float64Array.from(ys), xs.length);

const close = (found: number, expected: number | null) => {
  if (expected === null) assert.ok(Number.isNaN(found));
  else assert.ok(Math.abs(found - expected) < 1e-12, `${found}, expected ${expected}`);
};

test('Kendall and Spearman are those of scipy', () => {
  const comparison = new RankComparison(400);
  for (const { counts, medians, kendall, spearman } of golden) {
    const x = Float64Array.from(counts);
    const found = comparison.compare(
      x,
      x.map((count, i) => count / medians[i]),
      x.length,
    );
    close(found.kendall, kendall);
    close(found.spearman, spearman);
  }
  assert.ok(golden.some(({ kendall }) => kendall === null));
});

test('by hand: one exchange among three, and ties on either side', () => {
  // Pairs: (1,2) and (1,3) agree, (2,3) does not: (2 − 1)/3.
  close(compare([1, 2, 3], [1, 3, 2]).kendall, 1 / 3);
  close(compare([1, 2, 3], [1, 3, 2]).spearman, 0.5);
  // x ties one pair of three; the two others agree: 2 / √(2 · 3).
  close(compare([1, 1, 2], [1, 2, 3]).kendall, 2 / Math.sqrt(6));
  close(compare([3, 2, 1], [1, 2, 3]).kendall, -1);
});

test('an order with a single value, or a single gene, agrees with nothing', () => {
  for (const [xs, ys] of [
    [[], []],
    [[2], [5]],
    [
      [2, 2, 2],
      [1, 2, 3],
    ],
    [
      [1, 2],
      [4, 4],
    ],
  ]) {
    const { kendall, spearman } = compare(xs, ys);
    assert.ok(Number.isNaN(kendall) && Number.isNaN(spearman));
  }
});

test('Kendall is the count over all pairs, for many values with many ties', () => {
  const stream = randomSource(3, 'test').stream('kendall');
  for (let n = 2; n < 60; n++) {
    const xs = Array.from({ length: n }, () => 1 + stream.int(6));
    const ys = Array.from({ length: n }, () => 1 + stream.int(9));
    let [sum, x, y] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) {
        const a = Math.sign(xs[i] - xs[j]);
        const b = Math.sign(ys[i] - ys[j]);
        sum += a * b;
        x += a * a;
        y += b * b;
      }
    }
    close(compare(xs, ys).kendall, x * y === 0 ? null : sum / Math.sqrt(x * y));
  }
});

test('a quotient that is equal as a fraction is equal, whatever its last bit', () => {
  // 49 · (1/49) is not 1 in floats, and 0.1 · 3 is not 0.3.
  const values = Float64Array.of(1, 49 * (1 / 49), 0.3, 0.1 * 3, 0.3 * (1 + 1e-9));
  const ranks = new DenseRanks(5);
  ranks.group(values, 5);
  assert.deepEqual([...ranks.codes], [0, 0, 2, 2, 1]);
  assert.equal(ranks.tiedPairs(), 4);
});

test('tie mass is the share of pairs that are equal', () => {
  const ranks = new DenseRanks(6);
  ranks.group(Float64Array.of(1, 1, 1, 2, 2, 7), 6);
  close(tieMass(ranks.tiedPairs(), 6), (6 + 2) / 30);
  ranks.group(Float64Array.of(4, 4), 2);
  close(tieMass(ranks.tiedPairs(), 2), 1);
  ranks.group(Float64Array.of(4), 1);
  close(tieMass(ranks.tiedPairs(), 1), null);
  ranks.group(new Float64Array(0), 0);
  close(tieMass(ranks.tiedPairs(), 0), null);
});
