import assert from 'node:assert/strict';
import test from 'node:test';
import { pairLosses } from '../../../lib/evaluation/diagnostics/pair-losses.ts';
import {
  pairGroups,
  pairMeans,
  pairSample,
  pairValues,
} from '../../../lib/evaluation/diagnostics/pair-sample.ts';
import { type DiagnosticRow, diagnosticColumns, spread } from '../../../lib/evaluation/diagnostics/rows.ts';
import { withinSimilarity } from '../../../lib/evaluation/diagnostics/within-similarity.ts';
import { spaceOfMatrix } from '../../../lib/pairwise/spaces/open-space.ts';
import { inMemory } from '../../../lib/pairwise/spaces/row-source.ts';
import { cellTypes } from '../../../lib/pairwise/tiles/type-pairs.ts';
import { auroc } from '../../../lib/stats/auroc.ts';
import { Moments, rSquared } from '../../../lib/stats/r-squared.ts';
import { csr, someCounts } from '../../encodings/encode.ts';

const close = (found: number | undefined, expected: number, tolerance = 1e-6) =>
  assert.ok(Math.abs((found ?? Number.NaN) - expected) < tolerance, `${found}, expected ${expected}`);

test('cells are drawn in equal shares, spread over the order of the source', () => {
  const types = cellTypes(['b', 'a', 'b', 'b', 'c', 'b', 'a', 'b']);
  const sample = pairSample(types, 6);
  assert.deepEqual([...sample.starts], [0, 2, 4, 5]);
  assert.deepEqual([...sample.order], [1, 6, 2, 5, 4]);
  assert.deepEqual([...pairSample(types, 100).order], [...types.order]);
  assert.deepEqual([...pairSample(cellTypes([]), 10).order], []);
});

test('of very many types some give no cells, at equal steps, and have no pairs', () => {
  const labels = (types: number) => Array.from({ length: 3 * types }, (_, i) => `t${Math.floor(i / 3)}`);
  // Two of each of 2,500 types are as many as can be asked for.
  for (const [types, chosen] of [
    [2500, 2500],
    [2501, 2500],
    [6000, 2500],
  ]) {
    const sample = pairSample(cellTypes(labels(types)), 1000);
    assert.equal(sample.order.length, 2 * chosen);
    const sizes = Array.from({ length: types }, (_, t) => sample.starts[t + 1] - sample.starts[t]);
    assert.ok(sizes.every((n) => n === 2 || n === 0));
    const [first, second] = [sizes.slice(0, types / 2), sizes.slice(types / 2)];
    const given = (some: number[]) => some.filter((n) => n > 0).length;
    assert.ok(Math.abs(given(first) - given(second)) <= 1);
    if (types !== 6000) continue;
    const groups = pairGroups(sample);
    assert.equal(groups.length, (chosen * (chosen + 1)) / 2);
    assert.equal(groups.at(-1)!.end, (sample.order.length * (sample.order.length - 1)) / 2);
  }
});

test('every pair has its value, by pairs of types', async () => {
  const rows = someCounts(7, 12, 1);
  const matrix = csr(rows);
  const types = cellTypes(['b', 'a', 'b', 'c', 'a', 'b', 'a']);
  const groups = pairGroups(types);
  assert.equal(groups.at(-1)!.end, 21);
  const space = await spaceOfMatrix(matrix, 'ochiai', 12, types.order);
  const values = pairValues(space, types, groups);
  const overlap = (i: number, j: number) => {
    const [a, b] = [rows[i], rows[j]];
    const shared = a.filter((x, g) => x > 0 && b[g] > 0).length;
    return shared / Math.sqrt(a.filter((x) => x > 0).length * b.filter((x) => x > 0).length);
  };
  let pair = 0;
  for (const { a, b } of groups) {
    const [as, bs] = [a, b].map((t) => [...types.order.subarray(types.starts[t], types.starts[t + 1])]);
    for (const [k, i] of as.entries()) {
      for (const j of a === b ? bs.slice(k + 1) : bs) close(values[pair++], overlap(i, j));
    }
  }
  const { means, differences } = pairMeans(Float64Array.from([0, 1, 2, 3, 4, 5, 6]), types, groups);
  assert.deepEqual([...means.subarray(0, 3)], [2.5, 3.5, 5]);
  assert.deepEqual([...differences.subarray(0, 3)], [3, 5, 2]);
});

test('R² is the square of Pearson, and centred on groups it is that within them', () => {
  close(rSquared([[1, 2, 3, 4]], [2, 1, 4, 3]).r2, 0.36);
  close(rSquared([[1, 2, 3, Number.NaN]], [3, 2, 1, 9]).r2, 1);
  assert.ok(Number.isNaN(rSquared([[1, 2]], [3, 4]).r2));
  assert.ok(Number.isNaN(rSquared([[1, 1, 1]], [3, 4, 5]).r2));
  // Two groups far apart, in each of which x says nothing of y.
  const xs = [0, 1, 0, 1, 10, 11, 10, 11];
  const ys = [0, 0, 1, 1, 10, 10, 11, 11];
  assert.ok(rSquared([xs], ys).r2 > 0.95);
  const moments = new Moments(1);
  moments.addCentred([xs], ys, 0, 4);
  moments.addCentred([xs], ys, 4, 8);
  close(moments.r2, 0);
  assert.equal(moments.n, 8);
  // Of two: y = 2a − b is all of it, and of the other what numpy's lstsq explains.
  const [a, b] = [
    [1, 2, 3, 4, 5],
    [2, 1, 4, 3, 7],
  ];
  const sum = a.map((x, i) => 2 * x - b[i]);
  close(rSquared([a, b], sum).r2, 1);
  close(rSquared([a, b], [3, 1, 4, 1, 5]).r2, 0.9747242647058824);
  assert.ok(Number.isNaN(rSquared([a, a], sum).r2), 'the same twice');
});

test('AUROC counts ties by half', () => {
  close(auroc([2, 3], [1, 2]), (1 + 0.5 + 2) / 4);
  assert.ok(Number.isNaN(auroc([], [1])));
});

test('a spread leaves out what is missing', () => {
  const row = spread('x', 'cells', Float64Array.of(4, Number.NaN, 1, 2, 3));
  assert.deepEqual([row.n, row.value, row.quantiles![2]], [4, 2.5, 2.5]);
  const none = spread('x', 'type', Float64Array.of(Number.NaN), 'T');
  assert.ok(none.n === 0 && Number.isNaN(none.value) && none.quantiles === undefined);
  const columns = diagnosticColumns([row, none]);
  assert.deepEqual(columns.label, [null, 'T']);
  assert.ok(Number.isNaN(columns.median[1]));
});

const of = (rows: DiagnosticRow[], diagnostic: string, scope: string) =>
  rows.find((row) => row.diagnostic === diagnostic && row.scope === scope)!;

test('on binary cells, overlap explains Spearman; among many more genes it is Spearman', async () => {
  const rows = someCounts(24, 40, 4).map((row) => row.map((x) => Math.min(x, 1)));
  const types = cellTypes(rows.map((_, i) => 'ABC'[i % 3]));
  const sparsity = Float64Array.from(rows, (row) => row.filter((x) => x === 0).length / 40);
  const few = await pairLosses(inMemory(csr(rows)), 40, types, sparsity);
  assert.ok(of(few, 'spearman_ochiai_r2', 'pairs').value > 0.8);
  const many = await pairLosses(inMemory(csr(rows)), 60_000, types, sparsity);
  assert.ok(of(many, 'spearman_ochiai_r2', 'pairs').value > 0.9999);
  close(of(many, 'spearman', 'pairs_within').value, of(many, 'ochiai', 'pairs_within').value, 1e-3);
  assert.equal(of(many, 'spearman_ochiai_r2', 'pairs_within').n, 3 * 28);
  assert.equal(of(many, 'ochiai_auroc', 'pairs').n, (24 * 23) / 2);
  // Over what both detect, all values are 1: no pair has a value.
  assert.equal(of(many, 'spearman_intersection', 'pairs_within').n, 0);
  assert.ok(Number.isNaN(of(many, 'spearman_intersection_auroc', 'pairs').value));
});

test('a sample of cells has the values of those cells', async () => {
  const rows = someCounts(12, 30, 6);
  const labels = rows.map((_, i) => 'AB'[i % 2]);
  const sparsity = Float64Array.from(rows, (row) => row.filter((x) => x === 0).length / 30);
  const sample = pairSample(cellTypes(labels), 6);
  const found = await pairLosses(inMemory(csr(rows)), 30, sample, sparsity);
  const chosen = [...sample.order];
  const alone = await pairLosses(
    inMemory(csr(chosen.map((i) => rows[i]))),
    30,
    cellTypes(chosen.map((i) => labels[i])),
    sparsity.filter((_, i) => chosen.includes(i)).map((_, i) => sparsity[chosen[i]]),
  );
  assert.deepEqual(found, alone);
  assert.equal(of(found, 'spearman_auroc', 'pairs').n, 15);
});

test('the mean similarity to the own type leaves out the cell itself and cells without a value', async () => {
  const rows = [
    [1, 2, 3, 0],
    [3, 2, 1, 0],
    [1, 2, 3, 0],
    [0, 0, 0, 0],
    [5, 0, 0, 1],
  ];
  const types = cellTypes(['A', 'A', 'A', 'A', 'B']);
  const space = await spaceOfMatrix(csr(rows), 'spearman', 4, types.order);
  const within = withinSimilarity(space, types);
  // Ranks 2, 3, 4, 1 and 4, 3, 2, 1: ρ = 1 − 6 · 8 / 60.
  close(within[0], (1 + 0.2) / 2);
  close(within[1], 0.2);
  assert.ok(Number.isNaN(within[3]) && Number.isNaN(within[4]));
});
