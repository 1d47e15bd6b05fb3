import assert from 'node:assert/strict';
import test from 'node:test';
import { randomSource } from '../../lib/flow/random.ts';
import neighbors from '../../stages/neighbors.ts';
import similarity from '../../stages/similarity.ts';
import summarize from '../../stages/summarize.ts';
import { runStage, withDefaults } from '../helpers/run-stage.ts';

const CELLS = 60;
const labels = Array.from({ length: CELLS }, (_, i) => ['b cell', 'a cell', 'T cell'][i % 3]);
const cellIds = labels.map((_, i) => `cell${i}`);

/** Points around a centre per type; the given cells stand at the origin, where no cosine is defined. */
function points(seed: number, dims: number, atOrigin: readonly number[] = []) {
  const stream = randomSource(seed, 'test').stream('points');
  const values = Float32Array.from({ length: CELLS * dims }, (_, e) => {
    const cell = Math.floor(e / dims);
    const value = stream.float64() + (cell % 3 === e % dims ? 2 : 0);
    return atOrigin.includes(cell) ? 0 : value;
  });
  return { kind: 'embedding', read: async () => ({ cellIds, labels, dims, values }), values, dims };
}

const rows = { one: points(1, 3), two: points(2, 4, [7, 20]) };
const config = {
  encodings: {},
  embeddings: { one: {}, two: {} },
  measures: {
    far: { of: 'one', metric: 'euclidean' },
    alike: { of: 'two', metric: 'cosine' },
    far2: { of: 'two', metric: 'euclidean' },
  },
  compare: [
    ['far', 'alike'],
    ['far2', 'far'],
  ],
  purity: { k: [10, 3, 3] },
};
const sample = {
  kind: 'table',
  read: async () => ({
    cell_id: cellIds,
    label: labels,
    batch: labels.map((_, i) => (i % 7 === 0 ? null : `batch ${i % 2}`)),
    sparsity: Float64Array.from(labels, (_, i) => i / CELLS),
  }),
};
const cells = {
  kind: 'table',
  read: async () => ({
    label: [...labels, 'rare', null, 'b cell'],
    sparsity: Float64Array.from([...labels.map((_, i) => i / CELLS), 1, 0.5, 1 - 42 / 100]),
    passing: [...labels.map(() => true), false, true, true],
    sampled: [...labels.map(() => true), false, false, false],
  }),
};

async function measured(measures: Record<string, { of: string; metric: string }>) {
  const made = [];
  const near = [];
  for (const [name, { of, metric }] of Object.entries(measures)) {
    const given = { rows: rows[of as 'one' | 'two'], sample };
    made.push(await runStage(similarity, { ...config, measures }, name, given));
    near.push(await runStage(neighbors, { ...config, measures }, `${of}-${metric}-11`, { rows: given.rows }));
  }
  return {
    pairs: made.map(({ pairs }) => pairs),
    distributions: made.map(({ distribution }) => distribution),
    cutoffs: made.map(({ cutoffs }) => cutoffs),
    neighbors: near.map(({ neighbors }) => neighbors),
    without_value: near.map(({ without_value }) => without_value),
  };
}

const made = await measured(config.measures);
const { pairs, distributions } = made;
const out = await runStage(summarize, config, '', {
  ...made,
  cells,
  sample,
  x0: rows.one,
  y0: rows.two,
  x1: rows.two,
  y1: rows.one,
});

/** Values of all pairs, by brute force: Euclid or cosine; NaN where a cosine is undefined. */
function allPairs({ values, dims }: ReturnType<typeof points>, metric: string): Float64Array {
  const found = [];
  for (let i = 0; i < CELLS; i++) {
    for (let j = i + 1; j < CELLS; j++) {
      let [square, dot, aa, bb] = [0, 0, 0, 0];
      for (let d = 0; d < dims; d++) {
        const [a, b] = [values[i * dims + d], values[j * dims + d]];
        square += (a - b) ** 2;
        dot += a * b;
        aa += a * a;
        bb += b * b;
      }
      found.push(metric === 'euclidean' ? Math.sqrt(square) : dot / Math.sqrt(aa * bb));
    }
  }
  return Float64Array.from(found);
}

test('type pairs of all measures stand one below the other, in the order of the config', async () => {
  const table = await out.type_pairs.read();
  assert.deepEqual([...new Set(table.measure)], ['far', 'alike', 'far2']);
  assert.equal(table.measure.length, 3 * 6);
  const second = await pairs[1].read();
  assert.deepEqual([...table.median.subarray(6, 12)], [...second.median]);
  assert.deepEqual(table.type_a.slice(6, 12), second.type_a);
  assert.deepEqual(
    table.within.map((within, i) => within === (table.type_a[i] === table.type_b[i])),
    table.within.map(() => true),
  );
});

test('separation is what the distributions say', async () => {
  const table = await out.separation.read();
  const far = await distributions[0].read();
  assert.deepEqual(table.measure, ['far', 'alike', 'far2']);
  assert.equal(table.n_within[0], 3 * ((20 * 19) / 2));
  assert.equal(table.n_between[0], 3 * 20 * 20);
  assert.equal(table.auroc[0], far.auroc);
  assert.equal(table.median_between[0], far.between.median);
  assert.equal(table.iqr_within[0], far.within.q75! - far.within.q25!);
  assert.ok(table.n_within[1] + table.n_between[1] < table.n_within[0] + table.n_between[0]);
});

test('joint counts hold every pair that has both values, in the hexagon it lies in', async () => {
  const table = await out.joint.read();
  const expectedPairs = { alike: (58 * 57) / 2, far: (CELLS * (CELLS - 1)) / 2 };
  for (const [x, y] of config.compare) {
    const own = [...table.x_measure.keys()].filter(
      (row) => table.x_measure[row] === x && table.y_measure[row] === y,
    );
    const total = own.reduce((sum, row) => sum + table.pairs[row], 0);
    assert.equal(total, expectedPairs[y as 'alike' | 'far']);
  }
  // Means from the hexagons are the means of the values, to a fraction of a hexagon.
  const values = { far: allPairs(rows.one, 'euclidean'), alike: allPairs(rows.two, 'cosine') };
  const own = [...table.x_measure.keys()].filter((row) => table.y_measure[row] === 'alike');
  const sums = own.reduce(
    (sum, row) => ({
      x: sum.x + table.x[row] * table.pairs[row],
      y: sum.y + table.y[row] * table.pairs[row],
    }),
    { x: 0, y: 0 },
  );
  const both = [...values.alike.keys()].filter((pair) => !Number.isNaN(values.alike[pair]));
  const mean = (list: Float64Array) => both.reduce((sum, pair) => sum + list[pair], 0) / both.length;
  assert.ok(Math.abs(sums.x / both.length - mean(values.far)) < 0.01, `${sums.x / both.length}`);
  assert.ok(Math.abs(sums.y / both.length - mean(values.alike)) < 0.005, `${sums.y / both.length}`);
});

test('within and between are told apart in joint counts', async () => {
  const table = await out.joint.read();
  const count = (scope: string) =>
    [...table.scope.keys()]
      .filter((row) => table.scope[row] === scope && table.x_measure[row] === 'far2')
      .reduce((sum, row) => sum + table.pairs[row], 0);
  assert.equal(count('within'), 3 * ((20 * 19) / 2));
  assert.equal(count('between'), 3 * 20 * 20);
});

test('relations of all measures stand one below the other', async () => {
  const table = await out.cutoffs.read();
  assert.deepEqual([...new Set(table.measure)], ['far', 'alike', 'far2']);
  const second = await made.cutoffs[1].read();
  const from = table.measure.indexOf('alike');
  const own = (column: 'cutoff' | 'pairs' | 'mean_fraction') => [
    ...table[column].subarray(from, from + second.cutoff.length),
  ];
  assert.deepEqual(own('cutoff'), [...second.cutoff]);
  assert.deepEqual(own('pairs'), [...second.pairs]);
  assert.deepEqual(own('mean_fraction'), [...second.mean_fraction]);
  assert.equal(new Set(second.cutoff).size, 20);
  assert.deepEqual([...new Set(second.batch_relation)], ['any', 'same_batch', 'other_batch']);
});

test('purity is of each measure, and leaves out cells that it has no value for', async () => {
  const table = await out.neighbor_purity.read();
  assert.deepEqual([...table.k.subarray(0, 8)], [3, 3, 3, 3, 10, 10, 10, 10]);
  assert.deepEqual(table.label.slice(0, 4), [null, 'T cell', 'a cell', 'b cell']);
  assert.equal(table.measure.length, 3 * 8);
  assert.deepEqual(await made.without_value[1].read(), [7, 20]);
  assert.deepEqual(await made.without_value[0].read(), []);
  // Brute force over the cosines: the two cells at the origin are no one's neighbours.
  const { values, dims } = rows.two;
  const cosine = (i: number, j: number) => {
    let [dot, aa, bb] = [0, 0, 0];
    for (let d = 0; d < dims; d++) {
      dot += values[i * dims + d] * values[j * dims + d];
      aa += values[i * dims + d] ** 2;
      bb += values[j * dims + d] ** 2;
    }
    return dot / Math.sqrt(aa * bb);
  };
  const some = labels.map((_, i) => i).filter((i) => i !== 7 && i !== 20);
  const shares = some.map((i) => {
    const near = some.filter((j) => j !== i).sort((a, b) => cosine(i, b) - cosine(i, a));
    return near.slice(0, 10).filter((j) => labels[j] === labels[i]).length / 10;
  });
  const row = table.measure.indexOf('alike') + 4;
  const expected = shares.reduce((sum, share) => sum + share) / some.length;
  assert.ok(Math.abs(table.same_label[row] - expected) < 1e-9, `${table.same_label[row]}, ${expected}`);
  assert.ok(table.same_label[row] > table.chance_same_label[row]);
  assert.ok(table.same_batch[row] > 0.3 && table.same_batch_other_label[row] < table.same_batch[row]);
});

test('agreement is the rank correlation of the medians', async () => {
  const table = await out.agreement.read();
  assert.deepEqual(table.x_measure, ['far', 'far', 'far2', 'far2']);
  assert.deepEqual(table.scope, ['within', 'between', 'within', 'between']);
  assert.deepEqual([...table.n_points], [3, 3, 3, 3]);
  assert.ok([...table.spearman].every((value) => Math.abs(value) <= 1));
});

test('sparsity counts every cell once, on the bin that its share belongs to', async () => {
  const table = await out.sparsity.read();
  const of = (scope: string) => [...table.scope.keys()].filter((row) => table.scope[row] === scope);
  const sum = (scope: string) => of(scope).reduce((total, row) => total + table.cells[row], 0);
  assert.equal(sum('all'), CELLS + 3);
  assert.equal(sum('sampled'), CELLS);
  const [first, last] = [of('all')[0], of('all')[49]];
  assert.deepEqual([table.bin_start[first], table.bin_end[first]], [0, 0.02]);
  assert.deepEqual([table.bin_start[last], table.bin_end[last]], [0.98, 1]);
  // Cell 59 has 59/60, and one cell has no count at all.
  assert.equal(table.cells[last], 2);
  const row58 = of('all').find((row) => table.bin_start[row] === 0.58)!;
  // 35/60 and 1 − 42/100, which is 0.58 but for rounding.
  assert.equal(table.cells[row58], 2);
});

test('cells are counted by type, also types of which none is left', async () => {
  const table = await out.cell_types.read();
  assert.deepEqual(table.label, ['T cell', 'a cell', 'b cell', 'rare']);
  assert.deepEqual([...table.cells_total], [20, 20, 21, 1]);
  assert.deepEqual([...table.cells_passing], [20, 20, 21, 0]);
  assert.deepEqual([...table.cells_sampled], [20, 20, 20, 0]);
});

test('nothing to compare leaves empty tables, and a measure without values no hexagons', async () => {
  const alone = await runStage(summarize, { ...config, compare: [], purity: { k: [] } }, '', {
    ...made,
    neighbors: [],
    without_value: [],
    cells,
    sample,
  });
  assert.equal((await alone.neighbor_purity.read()).k.length, 0);
  assert.equal((await alone.joint.read()).pairs.length, 0);
  assert.equal((await alone.agreement.read()).spearman.length, 0);

  const zeros = {
    ...rows.two,
    read: async () => ({ ...(await rows.two.read()), values: new Float32Array(240) }),
  };
  const measures = { far: config.measures.far, none: { of: 'two', metric: 'cosine' } };
  const none = await runStage(similarity, { ...config, measures }, 'none', { rows: zeros, sample });
  const empty = await runStage(summarize, { ...config, measures, compare: [['far', 'none']] }, '', {
    pairs: [pairs[0], none.pairs],
    distributions: [distributions[0], none.distribution],
    cutoffs: [made.cutoffs[0], none.cutoffs],
    neighbors: [made.neighbors[0], made.neighbors[1]],
    without_value: [made.without_value[0], made.without_value[1]],
    cells,
    sample,
    x0: rows.one,
    y0: zeros,
  });
  assert.equal((await empty.joint.read()).pairs.length, 0);
  const agreement = await empty.agreement.read();
  assert.deepEqual([...agreement.n_points], [0, 0]);
  assert.ok(Number.isNaN(agreement.spearman[0]));
  assert.ok(Number.isNaN((await empty.separation.read()).auroc[1]));
});

test('rows and lists of neighbours of other cells are refused, with both ids and the place', async () => {
  const swapped = [cellIds[1], cellIds[0], ...cellIds.slice(2)];
  const other = { kind: 'table', read: async () => ({ ...(await sample.read()), cell_id: swapped }) };
  const one = { measures: { far: config.measures.far, far2: config.measures.far2 } };
  const given = { ...(await measured(one.measures)), cells, sample: other, x0: rows.two, y0: rows.one };
  const compare = [['far2', 'far']];
  const differ = 'is cell "cell0", but cell 0 of the sample is "cell1"';
  await assert.rejects(runStage(summarize, { ...config, ...one, compare }, '', given), {
    kind: 'data',
    message: `row 0 of the rows to compare ${differ}`,
  });
  await assert.rejects(runStage(summarize, { ...config, ...one, compare: [] }, '', given), {
    kind: 'data',
    message: `row 0 of the lists of neighbours ${differ}`,
  });
});

test('a part of a joint histogram reads only the two measures that it compares', async () => {
  const full = withDefaults(summarize, config);
  const params = summarize.params(full as never, '');
  const planned = await summarize.parts!.plan({ params, inputs: { sample, distributions } } as never);
  assert.deepEqual(
    planned.map((part) => part.inputs),
    [
      ['x0', 'y0', 'sample'],
      ['x1', 'y1', 'sample'],
    ],
  );
});

test('compared measures must exist and be compared once', () => {
  const check = (compare: string[][]) => summarize.check!({ ...config, compare } as never);
  assert.deepEqual(check(config.compare), []);
  assert.deepEqual(check([['far', 'alik']]), [
    { path: ['compare', 0, 1], message: 'unknown measure "alik"', known: ['far', 'alike', 'far2'] },
  ]);
  const repeated = [
    ['far', 'alike'],
    ['alike', 'far'],
    ['far', 'alike'],
  ];
  assert.deepEqual(check(repeated), [
    { path: ['compare', 2], message: 'far and alike are compared already' },
  ]);
  assert.deepEqual(check([['far', 'far']]), [
    { path: ['compare', 0], message: '"far" is compared with itself' },
  ]);
});
