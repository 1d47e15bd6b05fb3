/** scbert, scfoundation, uce, genept-s, rank-detected: fixtures by hand, and what must hold of these and scgpt. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { drawsRandom, encodingSchema } from '../../lib/encodings/index.ts';
import { randomSource } from '../../lib/flow/random.ts';
import { type Encoded, encode, modelOf, scratchFile, someCounts } from './encode.ts';

const close = (found: readonly number[], expected: readonly number[], tolerance = 1e-6) => {
  assert.equal(found.length, expected.length);
  for (const [i, x] of expected.entries())
    assert.ok(Math.abs(found[i] - x) <= tolerance * Math.max(1, Math.abs(x)), `at ${i}: ${found[i]}, ${x}`);
};
const scgpt = (options = {}) => ({ kind: 'scgpt', side: 'one', length: null, ...options });
const list = (names: readonly string[]) =>
  scratchFile('genes.tsv', `gene_name\tindex\n${names.map((n, i) => `${n}\t${i}\n`).join('')}`);
const genes = (n: number) => Array.from({ length: n }, (_, g) => `g${g}`);

test('rank-detected: zeros are dropped, ties share their average or are put in order', async () => {
  const row = [0, 3, 1, 0, 3, 9, 1, 1];
  const ranks = async (options = {}) => (await encode({ kind: 'rank-detected', ...options }, [row])).dense[0];
  assert.deepEqual(await ranks(), [0, 4.5, 2, 0, 4.5, 6, 2, 2]);
  assert.deepEqual(await ranks({ ties: 'stable' }), [0, 5, 3, 0, 4, 6, 2, 1]);
  assert.deepEqual(await ranks({ ties: 'reverse' }), [0, 4, 1, 0, 5, 6, 2, 3]);
  const random = await ranks({ ties: 'random' });
  assert.deepEqual([random[1], random[4]].sort(), [4, 5]);
  assert.deepEqual([random[2], random[6], random[7]].sort(), [1, 2, 3]);
});

test('genept-s: a text of at most `top` names, ties in reverse, names as they are', async () => {
  const prefix = 'A cell with genes ranked by expression: ';
  const given = { names: ['Actb', 'B', 'c', 'ACTB', null] };
  const row = [2, 0, 5, 2, 1];
  const text = async (options = {}) =>
    (await encode({ kind: 'genept-s', ...options }, [row, [0, 0, 0, 0, 0]], given)).sentences;
  assert.deepEqual(await text(), [`${prefix}c ACTB Actb g4`, prefix]);
  assert.deepEqual(await text({ prefix: '', ties: 'stable', top: 2 }), ['c Actb', '']);
  const many = await encode({ kind: 'genept-s', prefix: '' }, [
    Array.from({ length: 1300 }, (_, g) => g + 1),
  ]);
  assert.equal(many.sentences![0].split(' ').length, 1000);
  assert.equal(many.matrix.indptr[1], 1000);
});

test('scbert: bins begin at 0, 1, 3, 7, 15 and 31 counts per 10,000', async () => {
  const values = [0, 0.99, 1, 2.99, 3, 6.99, 7, 14.99, 15, 30.99, 31, 100];
  const rest = 10_000 - values.reduce((sum, v) => sum + Math.fround(v), 0);
  const { dense } = await encode({ kind: 'scbert' }, [[...values, rest]]);
  assert.deepEqual(dense[0].slice(0, -1), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
});

test('scbert: a value on the edge of a bin is in it, whatever the total', async () => {
  for (const scale of [1, 3, 7, 11, 90, 333]) {
    for (const [bin, v] of [1, 3, 7, 15, 31].entries()) {
      const { dense } = await encode({ kind: 'scbert' }, [
        [v * scale, v * scale - 1, (10_000 - 2 * v) * scale + 1],
      ]);
      assert.deepEqual(dense[0].slice(0, 2), [bin + 1, bin], `${v} × ${scale}`);
    }
  }
});

test('scbert and scfoundation: totals are over the genes of the model, in whose order it reads them', async () => {
  const given = { ids: ['a', 'b', 'c', 'b', 'd'], names: [null, 'B', null, null, 'a'] };
  const index = list(['d', 'c', 'x', 'B', 'a', 'b']);
  const rows = [
    [5, 3, 2, 90, 70],
    [0, 0, 0, 1, 0],
    [0, 0, 0, 0, 9],
  ];
  // Column 3 is b, 1 is B by its name; 4 is called a as 0 is, and comes later.
  const bert = await encode({ kind: 'scbert', index }, rows, given);
  assert.deepEqual(modelOf(bert), [
    [
      [1, 5],
      [3, 5],
      [4, 5],
      [5, 5],
    ],
    [[5, 5]],
    [],
  ]);
  assert.deepEqual(bert.encoder.modelNotes, { positions: '7' });
  assert.equal(bert.encoder.metadata.genesUsed, 6);
  const foundation = await encode({ kind: 'scfoundation', index }, rows, given);
  const [first, second, third] = modelOf(foundation);
  assert.deepEqual(
    first.map(([gene]) => gene),
    [1, 3, 4, 5, 6, 7],
  );
  close(
    first.map(([, value]) => value),
    [200, 300, 500, 9000].map(Math.log1p).concat(4, 2),
  );
  // log10 of a total of 1 is 0, which the model does not read.
  assert.deepEqual(
    second.map(([gene]) => gene),
    [5, 6],
  );
  assert.deepEqual(third, []);
  assert.equal(foundation.encoder.metadata.genesUsed, 8);
});

test('scfoundation: values with S and T', async () => {
  const index = list(genes(6));
  const row = [5, 0, 3, 2];
  const values = async (target: string) =>
    (await encode({ kind: 'scfoundation', index, target }, [row])).dense[0];
  close(await values('t4'), [8.51739317, 0, 8.00670085, 7.60140233, 4, 1]);
  close((await values('f100')).slice(4), [3, 1]);
  close((await values('a0.5')).slice(4), [1.5, 1]);
  for (const target of ['4', 't', 'x4', 't-4'])
    assert.ok(!encodingSchema.safeParse({ kind: 'scfoundation', index, target }).success, target);
});

test('uce: expected multiplicities are 1,024 times the weights', async () => {
  const { dense } = await encode({ kind: 'uce' }, [[5, 0, 3, 2]]);
  close(
    dense[0],
    [0.41896174, 0, 0.32415305, 0.25688521].map((p) => 1024 * p),
    1e-7,
  );
  for (const row of (await encode({ kind: 'uce' }, someCounts(20, 300, 0, 5000))).dense)
    close([row.reduce((sum, x) => sum + x, 0)], [1024]);
  const equal = (await encode({ kind: 'uce' }, someCounts(3, 400, 1, 2))).dense;
  for (const row of equal) assert.equal(new Set(row).size, 3, 'equal counts have equal values');
});

test('uce: a sampled bag holds 1,024 genes, each as often as expected', async () => {
  const row = [5, 0, 3, 2, 1, 40, 0, 1];
  const rows = new Array(200).fill(row);
  const { dense } = await encode({ kind: 'uce', bag: 'sampled' }, rows);
  const [expected] = (await encode({ kind: 'uce' }, [row])).dense;
  for (const bag of dense)
    assert.equal(
      bag.reduce((sum, x) => sum + x, 0),
      1024,
    );
  for (const [g, mean] of expected.entries()) {
    const found = dense.reduce((sum, bag) => sum + bag[g], 0) / rows.length;
    const error = Math.sqrt((mean * (1 - mean / 1024)) / rows.length);
    assert.ok(Math.abs(found - mean) <= 4.5 * error, `gene ${g}: ${found}, ${mean}`);
  }
});

const INVARIANT = [scgpt(), scgpt({ side: 'both' }), { kind: 'genept-s' }, { kind: 'rank-detected' }];

test('digits, texts and ranks do not change when counts are scaled or their logarithm is taken; bins of scBERT do', async () => {
  const rows = someCounts(20, 90);
  for (const options of INVARIANT) {
    const { dense, sentences } = await encode(options, rows);
    for (const change of [(x: number) => 7 * x, (x: number) => x / 3, Math.log1p]) {
      const changed = await encode(
        options,
        rows.map((row) => row.map(change)),
      );
      assert.deepEqual([changed.dense, changed.sentences], [dense, sentences], JSON.stringify(options));
    }
  }
  const bert = (
    await encode(
      { kind: 'scbert' },
      rows.map((row) => row.concat(9000)),
    )
  ).dense;
  const logged = (
    await encode(
      { kind: 'scbert' },
      rows.map((row) => row.concat(9000).map(Math.log1p)),
    )
  ).dense;
  assert.notDeepEqual(logged, bert);
  // Scaling all counts of a cell scales its total as well.
  const scaled = (
    await encode(
      { kind: 'scbert' },
      rows.map((row) => row.concat(9000).map((x) => 7 * x)),
    )
  ).dense;
  assert.deepEqual(scaled, bert);
});

test('permuting genes permutes each encoding, and genes without counts change nothing', async () => {
  // Counts of a row differ, so that there are no ties.
  const rows = Array.from({ length: 4 }, (_, c) =>
    Array.from({ length: 40 }, (_, g) => ((g * 17 + c * 5) % 41) * 3),
  );
  const permutation = randomSource(2, 'test')
    .stream('genes')
    .shuffle([...rows[0].keys()]);
  const vocab = scratchFile('vocab.json', Object.fromEntries(genes(40).map((gene, i) => [gene, i])));
  const index = list(genes(45));
  const cases = [
    ...INVARIANT,
    { kind: 'scbert' },
    { kind: 'uce' },
    scgpt({ vocab }),
    { kind: 'scbert', index },
    { kind: 'scfoundation', index },
  ];
  for (const options of cases) {
    const straight = await encode(options, rows);
    const ids = permutation.map((g) => `g${g}`);
    const permuted = await encode(
      options,
      rows.map((row) => permutation.map((g) => row[g])),
      { ids },
    );
    const message = JSON.stringify(options);
    for (const [c, row] of permuted.dense.entries())
      close(row, [...permutation.map((g) => straight.dense[c][g]), ...straight.dense[c].slice(40)]);
    assert.deepEqual(permuted.sentences, straight.sentences, message);
    const inOrder = (encoded: Encoded) => modelOf(encoded).map((row) => row.sort(([a], [b]) => a - b));
    if (straight.model) assert.deepEqual(inOrder(permuted), inOrder(straight), message);

    const more = await encode(
      options,
      rows.map((row) => [...row, 0, 0, 0]),
    );
    assert.deepEqual([more.sentences, more.model], [straight.sentences, straight.model], message);
    assert.deepEqual(
      more.dense.map((row) => row.slice(0, 40)),
      straight.dense.map((row) => row.slice(0, 40)),
    );
  }
});

test('no count, and no cell, encode to nothing', async () => {
  const index = list(genes(2));
  const cases = [
    ...INVARIANT,
    { kind: 'scbert', index },
    { kind: 'scfoundation', index },
    { kind: 'uce' },
    { kind: 'uce', bag: 'sampled' },
  ];
  for (const options of cases) {
    const empty = await encode(options, [
      [0, 0],
      [0, 0],
    ]);
    assert.equal(empty.matrix.indices.length, 0);
    if (empty.model) assert.deepEqual(modelOf(empty), [[], []]);
    assert.equal((await encode(options, [], { ids: genes(2) })).matrix.rows, 0);
  }
});

test('only genes that are used take part', async () => {
  const used = [1, 0, 1, 1];
  const index = list(genes(4));
  for (const options of [
    ...INVARIANT,
    { kind: 'scbert', index },
    { kind: 'scfoundation', index },
    { kind: 'uce' },
  ]) {
    const some = await encode(options, [[5, 9, 0, 2]], { used });
    const without = await encode(options, [[5, 0, 0, 2]]);
    assert.deepEqual(some.dense, without.dense, JSON.stringify(options));
  }
});

test('which options draw', () => {
  const draws = (options: object) => drawsRandom(encodingSchema.parse(options));
  assert.equal(draws({ kind: 'scgpt' }), true);
  assert.equal(draws(scgpt()), false);
  assert.equal(draws(scgpt({ length: 100 })), true);
  assert.equal(draws({ kind: 'uce' }), false);
  assert.equal(draws({ kind: 'uce', bag: 'sampled' }), true);
  assert.equal(draws({ kind: 'rank-detected' }), false);
  assert.equal(draws({ kind: 'genept-s', ties: 'random' }), true);
  for (const kind of ['scbert', 'scfoundation']) assert.equal(draws({ kind, index: 'x' }), false);
});
