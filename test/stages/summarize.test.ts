import assert from 'node:assert/strict';
import test from 'node:test';
import { randomSource } from '../../lib/flow/random.ts';
import { gatheredTables } from '../../lib/study/gathered-tables.ts';
import { jointPairs } from '../../lib/study/joint-pairs.ts';
import diagnose from '../../stages/diagnose.ts';
import { stages } from '../../stages/index.ts';
import joint from '../../stages/joint.ts';
import neighbors from '../../stages/neighbors.ts';
import perturb from '../../stages/perturb.ts';
import purity from '../../stages/purity.ts';
import similarity from '../../stages/similarity.ts';
import summarize from '../../stages/summarize.ts';
import { someCounts } from '../encodings/encode.ts';
import { encodedStudy } from '../evaluation/diagnostics/study.ts';
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
  const own = {
    kind: 'embedding',
    values,
    dims,
    read: async () => ({ cellIds, labels, dims, values: own.values }),
  };
  return own;
}

const rows = { one: points(1, 3), two: points(2, 4, [7, 20]) };
const config = {
  encodings: {},
  embeddings: { one: { method: 'imported' }, two: { method: 'imported' } },
  measures: {
    far: { of: 'one', metric: 'euclidean' },
    alike: { of: 'two', metric: 'cosine' },
    far2: { of: 'two', metric: 'euclidean' },
  },
  joint: [
    ['far', 'alike'],
    ['far2', 'far'],
  ],
  purity: { k: [10, 3, 3] },
  fidelity: null,
  diagnostics: null,
  perturb: null,
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

type Measures = Record<string, { of: string; metric: string }>;

/** What the stages of measures and of pairs of measures give, by slot of `summarize`. */
async function measured(own: { measures: Measures; joint: string[][]; purity: { k: number[] } }) {
  const all = { ...config, ...own };
  const made = [];
  const counted = [];
  for (const [name, { of, metric }] of Object.entries(own.measures)) {
    const given = { rows: rows[of as 'one' | 'two'], sample };
    made.push(await runStage(similarity, all, name, given));
    if (own.purity.k.length === 0) continue;
    const lists = await runStage(neighbors, all, `${of}-${metric}-11`, { rows: given.rows });
    counted.push({ ...lists, ...(await runStage(purity, all, name, { ...lists, sample })) });
  }
  const names = Object.keys(own.measures);
  const pairs = [];
  for (const { instance, x, y } of jointPairs(all as never)) {
    const [i, j] = [names.indexOf(x), names.indexOf(y)];
    const rowsOf = (name: string) => rows[own.measures[name].of as 'one' | 'two'];
    const inputs = {
      x: rowsOf(x),
      y: rowsOf(y),
      x_distribution: made[i].distribution,
      y_distribution: made[j].distribution,
      x_pairs: made[i].pairs,
      y_pairs: made[j].pairs,
      sample,
    };
    pairs.push(await runStage(joint, all, instance, inputs));
  }
  return {
    counted,
    distributions: made.map(({ distribution }) => distribution),
    tables: {
      type_pairs: made.map(({ pairs }) => pairs),
      separation: made.map(({ separation }) => separation),
      cutoffs: made.map(({ cutoffs }) => cutoffs),
      neighbor_purity: counted.map(({ purity }) => purity),
      joint: pairs.map(({ histogram }) => histogram),
      agreement: pairs.map(({ agreement }) => agreement),
      diagnostics: [],
      perturbations: [],
      profiles: [],
      cells,
      sample,
    },
  };
}

const { counted, distributions, tables } = await measured(config);
const out = await runStage(summarize, config, '', tables);

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
  const table = await out.type_pairs!.read();
  assert.deepEqual([...new Set(table.measure)], ['far', 'alike', 'far2']);
  assert.equal(table.measure.length, 3 * 6);
  const second = await tables.type_pairs[1].read();
  assert.deepEqual([...table.median.subarray(6, 12)], [...second.median]);
  assert.deepEqual(table.type_a.slice(6, 12), second.type_a);
  assert.deepEqual(
    table.within.map((within, i) => within === (table.type_a[i] === table.type_b[i])),
    table.within.map(() => true),
  );
});

test('separation is what the distributions say', async () => {
  const table = await out.separation!.read();
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
  const table = await out.joint!.read();
  const expectedPairs = { alike: (58 * 57) / 2, far: (CELLS * (CELLS - 1)) / 2 };
  for (const [x, y] of config.joint) {
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
  const table = await out.joint!.read();
  const count = (scope: string) =>
    [...table.scope.keys()]
      .filter((row) => table.scope[row] === scope && table.x_measure[row] === 'far2')
      .reduce((sum, row) => sum + table.pairs[row], 0);
  assert.equal(count('within'), 3 * ((20 * 19) / 2));
  assert.equal(count('between'), 3 * 20 * 20);
});

test('relations of all measures stand one below the other', async () => {
  const table = await out.cutoffs!.read();
  assert.deepEqual([...new Set(table.measure)], ['far', 'alike', 'far2']);
  const second = await tables.cutoffs[1].read();
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
  const table = await out.neighbor_purity!.read();
  assert.deepEqual([...table.k.subarray(0, 8)], [3, 3, 3, 3, 10, 10, 10, 10]);
  assert.deepEqual(table.label.slice(0, 4), [null, 'T cell', 'a cell', 'b cell']);
  assert.equal(table.measure.length, 3 * 8);
  assert.deepEqual(await counted[1].without_value.read(), [7, 20]);
  assert.deepEqual(await counted[0].without_value.read(), []);
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
  const table = await out.agreement!.read();
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

test('without pairs and purity tables are empty, and a measure without values has no hexagons', async () => {
  const bare = { measures: config.measures, joint: [], purity: { k: [] } };
  const alone = await runStage(summarize, { ...config, ...bare }, '', {
    ...tables,
    neighbor_purity: [],
    joint: [],
    agreement: [],
  });
  assert.equal((await alone.neighbor_purity!.read()).k.length, 0);
  assert.equal((await alone.joint!.read()).pairs.length, 0);
  assert.equal((await alone.agreement!.read()).spearman.length, 0);
  assert.deepEqual(joint.each!({ ...config, ...bare } as never), []);
  assert.deepEqual(purity.each!({ ...config, ...bare } as never), []);

  const { values } = rows.two;
  rows.two.values = new Float32Array(values.length);
  const measures = { far: config.measures.far, none: { of: 'two', metric: 'cosine' } };
  const own = { measures, joint: [['far', 'none']], purity: config.purity };
  try {
    const none = await measured(own);
    const empty = await runStage(summarize, { ...config, ...own }, '', none.tables);
    assert.equal((await empty.joint!.read()).pairs.length, 0);
    const agreement = await empty.agreement!.read();
    assert.deepEqual([...agreement.n_points], [0, 0]);
    assert.ok(Number.isNaN(agreement.spearman[0]));
    assert.ok(Number.isNaN((await empty.separation!.read()).auroc[1]));
  } finally {
    rows.two.values = values;
  }
});

test('rows and lists of neighbours of other cells are refused, with both ids and the place', async () => {
  const swapped = [cellIds[1], cellIds[0], ...cellIds.slice(2)];
  const other = { kind: 'table', read: async () => ({ ...(await sample.read()), cell_id: swapped }) };
  const own = { measures: config.measures, joint: [['far2', 'far']], purity: config.purity };
  const all = { ...config, ...own };
  const { counted, distributions, tables: made } = await measured(own);
  const differ = 'is cell "cell0", but cell 0 of the sample is "cell1"';
  const pair = {
    x: rows.two,
    y: rows.one,
    x_distribution: distributions[2],
    y_distribution: distributions[0],
    x_pairs: made.type_pairs[2],
    y_pairs: made.type_pairs[0],
    sample: other,
  };
  await assert.rejects(runStage(joint, all, 'far2:far', pair), {
    kind: 'data',
    message: `row 0 of the rows to compare ${differ}`,
  });
  await assert.rejects(runStage(purity, all, 'far', { ...counted[0], sample: other }), {
    kind: 'data',
    message: `row 0 of the lists of neighbours ${differ}`,
  });
});

test('what the config has switched off is not written, and nothing of it is read', () => {
  const off = ['diagnostics', 'perturbations', 'encodings'] as const;
  for (const name of off) assert.equal(out[name], undefined, name);
  const all = withDefaults(summarize, config) as never;
  assert.deepEqual(
    off.slice(0, 2).map((name) => summarize.inputs(all, '')[name as 'diagnostics']),
    [[], []],
  );
  assert.deepEqual(summarize.inputs(all, '').profiles, []);
  const isOptional = (name: (typeof off)[number], more: object) => {
    const { optional } = summarize.outputs[name];
    return typeof optional === 'function' && optional({ ...config, ...more } as never, '');
  };
  const on = { diagnostics: {}, perturb: {}, fidelity: {} };
  assert.deepEqual(
    off.map((name) => [isOptional(name, {}), isOptional(name, on)]),
    off.map(() => [true, false]),
  );
});

test('tables of encodings stand one below the other, with the names of the encodings', async () => {
  const { config: own, inputs } = await encodedStudy({
    rows: someCounts(16, 60, 3),
    labels: Array.from({ length: 16 }, (_, i) => 'AB'[i % 2]),
    options: { kind: 'rank' },
  });
  const settings = { depths: [0.5], folds: [2], cellsPerType: 2, genesPerCell: 2 };
  const { diagnostics } = await runStage(diagnose, own, 'it', inputs);
  const { perturbations } = await runStage(perturb, { ...own, perturb: settings }, 'it', inputs);
  const encodings = { it: { kind: 'rank' }, too: { kind: 'rank' } };
  const both = await runStage(summarize, { ...config, encodings, diagnostics: {}, perturb: settings }, '', {
    ...tables,
    diagnostics: [diagnostics, diagnostics],
    perturbations: [perturbations, perturbations],
  });
  for (const [one, all] of [
    [await diagnostics.read(), await both.diagnostics!.read()],
    [await perturbations.read(), await both.perturbations!.read()],
  ] as const) {
    const n = one.label.length;
    assert.ok(n > 0);
    assert.deepEqual(all.encoding, [...Array(n).fill('it'), ...Array(n).fill('too')]);
    assert.deepEqual(all.label.slice(n), one.label);
    assert.deepEqual([...all.median.subarray(0, n)], [...one.median]);
    assert.deepEqual([...all.median.subarray(n)], [...one.median]);
  }
});

test('each gathered table is an output of a stage, and published under its name', () => {
  for (const [name, { stage, output, table, keys }] of Object.entries(gatheredTables)) {
    const writer = stages.find((one) => one.name === stage);
    assert.ok(writer !== undefined && Object.hasOwn(writer.outputs, output), `${stage}.${output}`);
    const { publish } = summarize.outputs[name as keyof typeof gatheredTables];
    assert.equal(publish, `${name}.parquet`);
    for (const key of keys) assert.ok(!Object.hasOwn(table, key), `${name}: ${key}`);
  }
});
