import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { chooseTypes } from '../../lib/cells/choose-types.ts';
import { passingCells, type QcMetrics } from '../../lib/cells/qc.ts';
import { countTypes, sampleTypes } from '../../lib/cells/sampling.ts';
import { columnMap, selectBlock } from '../../lib/cells/select-block.ts';
import type { OperationalError } from '../../lib/errors.ts';
import { randomSource } from '../../lib/flow/random.ts';

const { NaN: unknown } = Number;
const noLimits = { minGenes: null, minCounts: null, maxMitoPercent: null };

suite('quality control', () => {
  const metrics: QcMetrics = {
    label: ['a', 'a', 'a', 'b', null],
    n_genes: [200, 199, 500, 0, 900],
    total_counts: [300, 250, 301, 0, 2000],
    mito_percent: [20, 5, 20.01, unknown, 1],
  };

  test('includes the bounds', () => {
    const limits = { minGenes: 200, minCounts: 300, maxMitoPercent: 20 };
    const { passing, dropped } = passingCells(metrics, limits);
    assert.deepEqual(passing, [true, false, false, false, false]);
    assert.deepEqual(dropped, { label: 1, minGenes: 2, minCounts: 2, maxMitoPercent: 1 });
  });

  test('without limits drops only cells without a label', () => {
    assert.deepEqual(passingCells(metrics, noLimits).passing, [true, true, true, true, false]);
  });

  test('lets an unknown mitochondrial share pass', () => {
    assert.equal(passingCells(metrics, { ...noLimits, maxMitoPercent: 0 }).passing[3], true);
  });

  test('of no cells gives none', () => {
    const none = { label: [], n_genes: [], total_counts: [], mito_percent: [] };
    assert.deepEqual(passingCells(none, noLimits).passing, []);
  });
});

suite('choosing types', () => {
  const qc = (passing: number, dropped = {}) => ({
    passing: new Array(passing).fill(true),
    dropped: { label: 0, minGenes: 0, minCounts: 0, maxMitoPercent: 0, ...dropped },
  });
  const counts = [
    { label: 'T', cells: 70 },
    { label: 'B', cells: 40 },
    { label: 'NK', cells: 3 },
  ];

  test('keeps those with enough cells, exactly enough included', () => {
    assert.deepEqual(chooseTypes(counts, 40, qc(113)), new Set(['T', 'B']));
    assert.deepEqual(chooseTypes(counts, null, qc(113)), new Set(['T', 'B', 'NK']));
  });

  test('lets a single type be', () => {
    assert.deepEqual(chooseTypes(counts, 70, qc(113)), new Set(['T']));
  });

  test('says which types there are when none has enough', () => {
    assert.throws(
      () => chooseTypes(counts, 500, qc(113, { minGenes: 9, label: 2 })),
      (error: OperationalError) => {
        assert.equal(error.kind, 'data');
        assert.match(error.message, /no cell type has 500 cells/);
        assert.match(error.hint ?? '', /"T" 70, "B" 40, "NK" 3/);
        assert.match(error.hint ?? '', /2 without a label, 9 by minGenes/);
        assert.match(error.hint ?? '', /minCellsPerType to 70 or less/);
        assert.doesNotMatch(error.hint ?? '', /loosen/);
        return true;
      },
    );
  });

  test('points at the rule that drops most cells', () => {
    const strict = qc(113, { minGenes: 60 });
    assert.throws(
      () => chooseTypes(counts, 500, strict),
      (error: OperationalError) => /subset\.minGenes drops more than half/.test(error.hint ?? ''),
    );
  });

  test('says why no cell passes', () => {
    assert.throws(
      () => chooseTypes([], 500, qc(7, { minCounts: 7 })),
      /none of the 7 cells .* 7 by minCounts/,
    );
  });
});

suite('sampling', () => {
  const ids = Array.from({ length: 300 }, (_, i) => `cell-${i}`);
  const labels = ids.map((_, i) => (i % 3 === 0 ? 'a' : i % 3 === 1 ? 'b' : i % 30 === 2 ? null : 'c'));
  const all = ids.map(() => true);
  const types = new Set(['a', 'b', 'c']);
  const random = randomSource(0, 'subset');
  const draw = (
    over: Partial<Parameters<typeof sampleTypes>[0]> = {},
    kept = types,
    k: number | null = 20,
  ) => {
    const cells = { ids, labels, eligible: all, ...over };
    const sampled = sampleTypes(cells, kept, k, random);
    return cells.ids.filter((_, i) => sampled[i]);
  };
  const ofType = (chosen: string[], type: string) => chosen.filter((id) => labels[ids.indexOf(id)] === type);

  test('counts types, most first, ties by code unit', () => {
    assert.deepEqual(countTypes(labels, all), [
      { label: 'a', cells: 100 },
      { label: 'b', cells: 100 },
      { label: 'c', cells: 90 },
    ]);
  });

  test('draws as many as asked of every type and none without a label', () => {
    const chosen = draw();
    assert.equal(chosen.length, 60);
    for (const type of types) assert.equal(ofType(chosen, type).length, 20);
  });

  test('takes all cells of a type that has no more, and all of all types if not limited', () => {
    assert.equal(draw({}, types, 95).length, 95 + 95 + 90);
    assert.equal(draw({}, types, null).length, 290);
    assert.equal(draw({}, new Set(['b']), null).length, 100);
  });

  test('of one type does not depend on the others', () => {
    const without = labels.map((label) => (label === 'b' ? null : label));
    assert.deepEqual(draw({ labels: without }, new Set(['a', 'c'])), [
      ...draw().filter((id) => ofType([id], 'b').length === 0),
    ]);
  });

  test('does not depend on the order of the cells', () => {
    const order = randomSource(5, 'x')
      .stream('order')
      .shuffle(ids.map((_, i) => i));
    const shuffled = { ids: order.map((i) => ids[i]), labels: order.map((i) => labels[i]) };
    assert.deepEqual(draw(shuffled).sort(), draw().sort());
  });

  test('keeps the cells that a stricter filter leaves', () => {
    const before = draw();
    const eligible = ids.map((id) => id !== before[0] && id !== before[30]);
    const after = draw({ eligible });
    assert.equal(before.filter((id) => after.includes(id)).length, 58);
  });

  test('depends on the seed', () => {
    const other = sampleTypes({ ids, labels, eligible: all }, types, 20, randomSource(1, 'subset'));
    assert.notDeepEqual(
      ids.filter((_, i) => other[i]),
      draw(),
    );
  });

  test('draws every cell equally often', () => {
    const times = new Float64Array(ids.length);
    for (let seed = 0; seed < 400; seed++) {
      const sampled = sampleTypes(
        { ids, labels, eligible: all },
        new Set(['a']),
        20,
        randomSource(seed, 's'),
      );
      for (const [i, is] of sampled.entries()) if (is) times[i]++;
    }
    // Binomial(400, 0.2): mean 80, sd 8
    const ofA = [...times].filter((_, i) => labels[i] === 'a');
    assert.ok(Math.min(...ofA) > 80 - 5 * 8 && Math.max(...ofA) < 80 + 5 * 8, `${ofA}`);
  });
});

suite('selecting from a block', () => {
  const block = {
    rows: 3,
    columns: 4,
    indptr: Uint32Array.of(0, 2, 2, 5),
    indices: Int32Array.of(0, 3, 1, 2, 3),
    values: Float32Array.of(1, 2, 3, 4, 5),
  };

  test('renumbers the kept columns', () => {
    const chosen = selectBlock(block, [0, 2], columnMap([false, true, false, true]));
    assert.deepEqual(chosen, {
      rows: 2,
      columns: 2,
      indptr: Uint32Array.of(0, 1, 3),
      indices: Int32Array.of(1, 0, 1),
      values: Float32Array.of(2, 3, 5),
    });
  });

  test('gives empty rows and empty blocks', () => {
    const map = columnMap([true, true, true, true]);
    assert.deepEqual(selectBlock(block, [1], map).indptr, Uint32Array.of(0, 0));
    assert.deepEqual(selectBlock(block, [], map).indptr, Uint32Array.of(0));
    assert.equal(selectBlock(block, [0], columnMap([false, false, false, false])).columns, 0);
  });
});
