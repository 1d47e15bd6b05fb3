import assert from 'node:assert/strict';
import test from 'node:test';
import { OperationalError } from '../../lib/errors.ts';
import { randomSource } from '../../lib/flow/random.ts';
import { encode, ensembl, ensemblIds, geneformerOptions, scratchFile, someCounts } from './encode.ts';

const lists = (encoded: { tokens?: Int32Array[] }) => encoded.tokens!.map((list) => [...list]);

/** A refusal for people, whose text is checked as a whole. */
const refusal = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof OperationalError, String(error));
  assert.equal(error.kind, 'data');
  assert.match([error.message, error.expected, error.where, error.hint].join('\n'), pattern);
  return true;
};

test('genes stand in descending order of counts per median, ties in column order', async () => {
  const options = geneformerOptions([2, 1, 3, 0.25, 9, 0.5]);
  const row = [4, 0, 6, 1, 9, 2];
  const encoded = await encode(options, [row], { ids: ensemblIds(6), totals: [30] });
  // Values 666.67, 0, 666.67, 1333.33, 333.33, 1333.33: blocks {3, 5} > {0, 2} > {4}.
  assert.deepEqual(lists(encoded), [[13, 15, 10, 12, 14]]);
  assert.deepEqual(encoded.dense, [[3, 0, 2, 5, 1, 4]]);
  assert.equal(encoded.encoder.metadata.genesUsed, 6);
  const reverse = await encode({ ...options, ties: 'reverse' }, [row], { ids: ensemblIds(6), totals: [30] });
  assert.deepEqual(lists(reverse), [[15, 13, 12, 10, 14]]);
});

test('values are those of the published order of operations, ulps included', async () => {
  // With a total of 22, 4 / 2 and 6 / 3 give 909.0909090909091 and 909.090909090909.
  const options = { ...geneformerOptions([2, 1, 3]), ties: 'reverse' };
  assert.deepEqual(lists(await encode(options, [[4, 0, 6]], { ids: ensemblIds(3), totals: [22] })), [
    [10, 12],
  ]);
  assert.deepEqual(lists(await encode(options, [[4, 0, 6]], { ids: ensemblIds(3), totals: [30] })), [
    [12, 10],
  ]);
});

test('random ties depend on the seed and the cell, and stay within blocks', async () => {
  const options = { ...geneformerOptions(new Array(8).fill(1)), ties: 'random' };
  const given = { ids: ensemblIds(8) };
  const row = [1, 1, 1, 1, 2, 2, 2, 2];
  const encoded = await encode(options, new Array(30).fill(row), given);
  assert.ok(new Set(lists(encoded).map(String)).size > 25);
  for (const list of lists(encoded)) {
    assert.deepEqual(list.slice(0, 4).sort(), [14, 15, 16, 17]);
    assert.deepEqual(list.slice(4).sort(), [10, 11, 12, 13]);
  }
  assert.deepEqual(lists(await encode(options, new Array(30).fill(row), given)), lists(encoded));
  assert.notDeepEqual(
    lists(await encode(options, new Array(30).fill(row), { ...given, seed: 1 })),
    lists(encoded),
  );
});

test('doubling totals or all medians changes nothing; another median moves only its gene', async () => {
  const medians = Array.from({ length: 25 }, (_, g) => 0.3 + ((g * 7) % 11));
  const rows = someCounts(30, 25);
  const ids = ensemblIds(25);
  const totals = rows.map((_, c) => 100 + 7 * c);
  const base = lists(await encode(geneformerOptions(medians), rows, { ids, totals }));
  assert.deepEqual(
    lists(await encode(geneformerOptions(medians), rows, { ids, totals: totals.map((n) => 2 * n) })),
    base,
  );
  assert.deepEqual(
    lists(await encode(geneformerOptions(medians.map((m) => 2 * m)), rows, { ids, totals })),
    base,
  );
  const moved = lists(await encode(geneformerOptions(medians.with(4, 1000)), rows, { ids, totals }));
  assert.notDeepEqual(moved, base);
  const others = (list: number[]) => list.filter((token) => token !== 14);
  assert.deepEqual(moved.map(others), base.map(others));
});

test('with all medians 1, the order is that of cell sentences', async () => {
  const rows = someCounts(20, 30);
  const ids = ensemblIds(30);
  const tokens = lists(await encode(geneformerOptions(new Array(30).fill(1)), rows, { ids }));
  const { sentences } = await encode({ kind: 'cell2sentence' }, rows, { ids });
  assert.deepEqual(
    tokens.map((list) => list.map((token) => ids[token - 10]).join(' ')),
    sentences,
  );
});

test('permuting genes permutes the encoding when there are no ties', async () => {
  const medians = Array.from({ length: 20 }, (_, g) => Math.sqrt(g + 2));
  const rows = someCounts(10, 20);
  const ids = ensemblIds(20);
  const permutation = randomSource(3, 'test')
    .stream('genes')
    .shuffle(ids.map((_, g) => g));
  const straight = await encode(geneformerOptions(medians), rows, { ids });
  const permuted = await encode(
    geneformerOptions(medians),
    rows.map((row) => permutation.map((g) => row[g])),
    { ids: permutation.map((g) => ids[g]) },
  );
  assert.deepEqual(lists(permuted), lists(straight));
  assert.deepEqual(
    permuted.dense,
    straight.dense.map((row) => permutation.map((g) => row[g])),
  );
});

test('the longest list is 2,048 tokens in V1, and 4,096 with <cls> and <eos> in V2', async () => {
  const n = 5000;
  const row = Array.from({ length: n }, (_, g) => g + 1);
  for (const [version, length] of [
    ['V1', 2048],
    ['V2', 4096],
  ] as const) {
    const encoded = await encode(geneformerOptions(new Array(n).fill(1), version), [row], {
      ids: ensemblIds(n),
    });
    const [list] = lists(encoded);
    assert.equal(list.length, length);
    const genes = version === 'V2' ? list.slice(1, -1) : list;
    if (version === 'V2') assert.deepEqual([list[0], list.at(-1)], [2, 3]);
    assert.deepEqual(
      genes,
      Array.from({ length: genes.length }, (_, p) => 10 + n - 1 - p),
    );
    assert.equal(encoded.matrix.indptr[1], genes.length);
    assert.equal(encoded.dense[0][n - 1], genes.length);
    assert.equal(encoded.dense[0][n - genes.length], 1);
    assert.equal(encoded.dense[0][n - genes.length - 1], 0);
  }
});

test('a length at or above the number of genes cuts nothing, a shorter one keeps the first', async () => {
  const rows = someCounts(10, 30);
  const options = geneformerOptions(Array.from({ length: 30 }, (_, g) => 1 + (g % 5)));
  const given = { ids: ensemblIds(30) };
  const whole = lists(await encode(options, rows, given));
  const longest = Math.max(...whole.map((list) => list.length));
  assert.deepEqual(lists(await encode({ ...options, length: longest }, rows, given)), whole);
  assert.deepEqual(
    lists(await encode({ ...options, length: 4 }, rows, given)),
    whole.map((list) => list.slice(0, 4)),
  );
});

test('genes outside of the vocabulary, or not used, are left out', async () => {
  const options = geneformerOptions([1, 1, 1]);
  const ids = [ensembl(2), 'ENSG99999999999', ensembl(0), ensembl(1), '<mask>', ''];
  const encoded = await encode(options, [[1, 9, 2, 3, 9, 9]], { ids, used: [1, 1, 1, 0, 1, 1] });
  assert.deepEqual(lists(encoded), [[10, 12]]);
  assert.equal(encoded.encoder.metadata.genesUsed, 2);
  assert.deepEqual(encoded.dense, [[1, 0, 2, 0, 0, 0]]);
});

test('a cell without any gene of the vocabulary gets an empty list, without special tokens', async () => {
  const options = geneformerOptions([1, 1], 'V2');
  const encoded = await encode(
    options,
    [
      [0, 0, 5],
      [0, 1, 0],
      [0, 0, 0],
    ],
    { ids: [...ensemblIds(2), 'other'] },
  );
  assert.deepEqual(lists(encoded), [[], [2, 11, 3], []]);
});

test('a name dictionary gives the ids of genes that have none from Ensembl', async () => {
  const names = scratchFile('names.json', { CD3E: ensembl(0), C1orf112: ensembl(1), AKT3: ensembl(2) });
  const options = { ...geneformerOptions([1, 1, 1]), names };
  const symbols = await encode(options, [[1, 2, 3]], { ids: ['akt3', 'C1orf112', 'nothing'] });
  assert.deepEqual(lists(symbols), [[11, 12]]);
  const mixed = await encode(options, [[1, 2, 3]], {
    ids: [ensembl(0), 'x', 'y'],
    names: ['AKT3', 'AKT3', 'nothing'],
  });
  assert.deepEqual(lists(mixed), [[12, 10]], 'an id from Ensembl counts before the name');
});

test('a mapping has the last word: old ids are translated, others dropped, version suffixes not stripped', async () => {
  const mapping = scratchFile('mapping.json', {
    ENSG00000000777: ensembl(1),
    [ensembl(0)]: ensembl(0),
    'ENSG00000000002.5': ensembl(2),
  });
  const options = { ...geneformerOptions([1, 1, 1], 'V2'), mapping };
  const encoded = await encode(options, [[1, 2, 3, 4]], {
    ids: ['ENSG00000000777', ensembl(0).toLowerCase(), 'ENSG00000000002.5', ensembl(1)],
  });
  assert.deepEqual(lists(encoded), [[2, 12, 10, 11, 3]]);
  const without = await encode(geneformerOptions([1, 1]), [[1, 2]], {
    ids: [`${ensembl(0)}.12`, ensembl(1)],
  });
  assert.deepEqual(lists(without), [[11]]);
});

test('columns with one token are summed and stand where the first of them stands', async () => {
  const mapping = scratchFile('mapping.json', {
    [ensembl(0)]: ensembl(0),
    [ensembl(1)]: ensembl(1),
    ENSG00000000777: ensembl(1),
  });
  const options = { ...geneformerOptions([1, 1], 'V2'), mapping };
  const rows = [
    [0, 3, 2],
    [4, 3, 0],
    [0, 3, 5],
    [0, 0, 0],
  ];
  const encoded = await encode(options, rows, { ids: [ensembl(1), ensembl(0), 'ENSG00000000777'] });
  assert.deepEqual(lists(encoded), [[2, 10, 11, 3], [2, 11, 10, 3], [2, 11, 10, 3], []]);
  assert.deepEqual(encoded.dense, [
    [1, 2, 0],
    [2, 1, 0],
    [2, 1, 0],
    [0, 0, 0],
  ]);
  assert.equal(encoded.encoder.metadata.genesUsed, 2);
});

test('data without a known gene is refused, with an example from each side and a guess', async () => {
  const options = geneformerOptions([1]);
  const cases: [string, RegExp][] = [
    [
      'CD3E',
      /none of the 1 genes .*\nEnsembl gene ids, such as "ENSG00000000000"\n.*"CD3E": they look like gene symbols.*\n.*dataset\.geneId.*`names`/,
    ],
    [
      'ENSG00000000000.3',
      /"ENSG00000000000\.3": they look like Ensembl ids with version suffixes\n.*geneIdVersions to 'strip'/,
    ],
    ['ENSMUSG00000000001', /species other than human\n.*same species/],
    ['ENSG00000000009', /they look like human Ensembl ids/],
  ];
  for (const [id, pattern] of cases)
    await assert.rejects(encode(options, [[1]], { ids: [id] }), refusal(pattern));
});

test('dictionaries that do not belong together or to the version are refused', async () => {
  const v1 = geneformerOptions([1, 2]);
  const v2 = geneformerOptions([1, 2], 'V2');
  const few = geneformerOptions([1]);
  const given = { ids: ensemblIds(2) };
  const reject = (options: Record<string, unknown>, pattern: RegExp) =>
    assert.rejects(encode(options, [[1, 1]], given), refusal(pattern));
  await reject({ ...v1, version: 'V2' }, /lacks <cls> and <eos>/);
  await reject({ ...v2, version: 'V1' }, /has <cls> and <eos>/);
  await reject({ ...v1, medians: few.medians }, /ENSG00000000001 has a token, but no median/);
  await reject({ ...v1, tokens: few.tokens }, /ENSG00000000001 has a median, but no token/);
  await reject(geneformerOptions([1, 0]), /the median of ENSG00000000001 is 0/);
  await reject({ ...v1, tokens: scratchFile('t.json', { [ensembl(0)]: 1.5 }) }, /has 1\.5 for/);
});
