import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { matrix } from '../../lib/data/kinds/matrix.ts';
import type { MatrixInput } from '../../lib/data/kinds/types.ts';
import { table } from '../../lib/flow/kinds/table.ts';
import type { ArtifactRef } from '../../lib/flow/stage.ts';
import encode from '../../stages/encode.ts';
import { csr, dense, ensemblIds, geneformerOptions, scratchFile, someCounts } from '../encodings/encode.ts';
import { runStage, scratchFolder, withDefaults } from '../helpers/run-stage.ts';

interface Atlas {
  rows: number[][];
  ids: string[];
  variable?: boolean[];
  totals?: number[];
  /** Rows of each appended block. */
  blocks?: number[];
}

/** Writes what subset and hvg would write, and gives the paths by slot. */
async function inputsOf({ rows, ids, variable, totals, blocks = [rows.length] }: Atlas) {
  const folder = scratchFolder();
  const path = (name: string) => join(folder, name);
  const cells = rows.map((_, c) => `cell${c}`);
  const writer = await matrix()
    .output(path('counts'))
    .create({ columns: ids.length, metadata: { genesUsed: ids.length, layout: 'sparse', value: 'counts' } });
  let start = 0;
  for (const n of blocks) {
    await writer.append(csr(rows.slice(start, start + n), ids.length), cells.slice(start, start + n));
    start += n;
  }
  await writer.close();
  await table({
    cell_id: 'utf8',
    label: 'utf8',
    batch: 'utf8?',
    total_counts: 'float64',
    n_genes: 'int32',
  })
    .output(path('sample'))
    .write({
      cell_id: cells,
      label: cells.map(() => 'T'),
      batch: cells.map(() => null),
      total_counts: Float64Array.from(totals ?? rows.map((row) => row.reduce((sum, x) => sum + x, 0))),
      n_genes: Int32Array.from(rows, (row) => row.filter((x) => x > 0).length),
    });
  const genes = { gene_id: ids, gene_name: ids.map(() => null) };
  if (variable) {
    await table({ gene_id: 'utf8', gene_name: 'utf8?', highly_variable: 'bool' })
      .output(path('genes'))
      .write({ ...genes, highly_variable: variable });
  } else {
    await table({ gene_id: 'utf8', gene_name: 'utf8?' }).output(path('genes')).write(genes);
  }
  return { counts: path('counts'), sample: path('sample'), genes: path('genes') };
}

async function readMatrix(input: MatrixInput) {
  const reader = await input.open();
  const read = {
    metadata: reader.metadata,
    notes: reader.notes,
    cellIds: await reader.cellIds(),
    dense: dense(await reader.readAll()),
  };
  await reader.close();
  return read;
}

const config = (options: object) => ({ encodings: { it: options } });

test('without a config, cells are encoded as log-normalised values and as ranks', () => {
  const full = withDefaults(encode, {}) as never;
  assert.deepEqual(encode.each!(full), ['expression', 'rank']);
  assert.deepEqual(encode.params(full, 'expression'), { kind: 'lognorm', genes: 'hvg', target: 10_000 });
  assert.deepEqual(encode.params(full, 'rank'), { kind: 'rank', genes: 'hvg' });
});

test('the genes come from hvg or, if all are used, from subset', () => {
  const genesOf = (options: object) =>
    (encode.inputs(withDefaults(encode, config(options)) as never, 'it').genes as ArtifactRef).ref;
  assert.equal(genesOf({ kind: 'rank' }), 'hvg.genes');
  assert.equal(genesOf({ kind: 'rank', genes: 'all' }), 'subset.genes');
  assert.equal(genesOf({ kind: 'cell2sentence' }), 'subset.genes');
});

test('dictionaries are inputs by content and do not show in params', () => {
  const options = geneformerOptions([1]);
  const full = withDefaults(encode, config(options)) as never;
  const inputs = encode.inputs(full, 'it');
  assert.deepEqual(Object.keys(inputs), ['counts', 'genes', 'sample', 'file.tokens', 'file.medians']);
  assert.deepEqual(inputs['file.tokens'], { from: 'file', path: options.tokens });
  assert.ok(!JSON.stringify(encode.params(full, 'it')).includes('.json'));
});

test('seeds count only where chance decides', () => {
  const random = encode.random as (config: unknown, instance: string) => boolean;
  const encodings = { drawn: { kind: 'cell2sentence', ties: 'random' }, fixed: { kind: 'cell2sentence' } };
  const full = withDefaults(encode, { encodings });
  assert.equal(random(full, 'drawn'), true);
  assert.equal(random(full, 'fixed'), false);
});

test('names of encodings that cannot be file names are refused', () => {
  for (const name of ['', 'a/b', '../x', '.hidden', 'with blank']) {
    assert.throws(() => withDefaults(encode, { encodings: { [name]: { kind: 'rank' } } }), `"${name}"`);
  }
});

test('only the variable genes hold values, under their own column numbers', async () => {
  const inputs = await inputsOf({
    rows: [
      [5, 0, 2, 2],
      [0, 1, 1, 3],
    ],
    ids: ensemblIds(4),
    variable: [false, true, true, true],
  });
  const outputs = await runStage(encode, config({ kind: 'rank' }), 'it', inputs);
  const { metadata, notes, dense, cellIds } = await readMatrix(outputs.encoded!);
  assert.deepEqual(dense, [
    [0, 0, 1.5, 1.5],
    [0, 1, 1, 2.5],
  ]);
  assert.deepEqual(cellIds, ['cell0', 'cell1']);
  assert.deepEqual([notes.encoding, notes.genes, metadata.genesUsed], ['rank', 'hvg', 3]);
  assert.ok(metadata.value !== '');
  assert.equal(outputs.tokens, undefined);
  assert.equal(outputs.sentences, undefined);
});

test('blocks of the counts do not show in what is written', async () => {
  const rows = someCounts(9, 12);
  const atlas = { rows, ids: ensemblIds(12), totals: rows.map((_, c) => 50 + c) };
  const options = { ...geneformerOptions(new Array(12).fill(1)), ties: 'random' };
  const whole = await runStage(encode, config(options), 'it', {
    ...(await inputsOf(atlas)),
    'file.tokens': options.tokens,
    'file.medians': options.medians,
  });
  const split = await runStage(encode, config(options), 'it', {
    ...(await inputsOf({ ...atlas, blocks: [1, 0, 4, 4] })),
    'file.tokens': options.tokens,
    'file.medians': options.medians,
  });
  assert.deepEqual(await readMatrix(split.encoded!), await readMatrix(whole.encoded!));
  const tokens = await split.tokens!.read();
  assert.deepEqual(tokens, await whole.tokens!.read());
  assert.deepEqual(
    tokens.cellIds,
    rows.map((_, c) => `cell${c}`),
  );
  assert.deepEqual(
    tokens.lists.map((list) => list.length),
    rows.map((row) => row.filter((x) => x > 0).length),
  );
});

test('sentences are written beside the cell ids', async () => {
  const inputs = await inputsOf({
    rows: [
      [0, 2, 9],
      [0, 0, 0],
      [4, 0, 1],
    ],
    ids: ['a', 'b', 'c'],
  });
  const { sentences, tokens } = await runStage(encode, config({ kind: 'cell2sentence' }), 'it', inputs);
  assert.deepEqual(await sentences!.read(), {
    cell_id: ['cell0', 'cell1', 'cell2'],
    cell_sentence: ['C B', '', 'A C'],
  });
  assert.equal(tokens, undefined);
});

test("genes with values are written in the model's numbers, whatever the blocks", async () => {
  const rows = someCounts(9, 12);
  const vocab = scratchFile('vocab.json', Object.fromEntries(ensemblIds(12).map((id, i) => [id, 11 - i])));
  const read = async (blocks: number[]) => {
    const inputs = { ...(await inputsOf({ rows, ids: ensemblIds(12), blocks })), 'file.vocab': vocab };
    const { model, encoded } = await runStage(encode, config({ kind: 'scgpt', vocab }), 'it', inputs);
    return { ...(await model!.read()), dense: (await readMatrix(encoded!)).dense };
  };
  const whole = await read([9]);
  assert.deepEqual(await read([2, 0, 7]), whole);
  assert.deepEqual(whole.notes, { encoding: 'scgpt', tokens: '15', pad: '12', cls: '13' });
  for (const [c, row] of whole.dense.entries()) {
    const detected = [...row.entries()].filter(([, digit]) => digit > 0);
    const read = detected.map(([gene, digit]) => [11 - gene, digit]);
    if (read.length > 0) read.unshift([13, -2]);
    assert.deepEqual(
      Array.from(whole.genes[c], (gene, i) => [gene, whole.values[c][i]]),
      read,
    );
  }
});

test('token lists are written as a dataset too, if asked for, and are the same', async () => {
  const rows = [...someCounts(9, 12), new Array(12).fill(0)];
  const options = geneformerOptions(new Array(12).fill(1), 'V2');
  const inputs = {
    ...(await inputsOf({ rows, ids: ensemblIds(12) })),
    'file.tokens': options.tokens,
    'file.medians': options.medians,
  };
  const plain = await runStage(encode, config(options), 'it', inputs);
  assert.equal(plain.dataset, undefined);
  const asked = config({ ...options, dataset: ['label', 'cell_id'] });
  const { dataset, tokens } = await runStage(encode, asked, 'it', inputs);
  const { lists, cellIds } = await tokens!.read();
  assert.deepEqual(lists, (await plain.tokens!.read()).lists);
  const arrow = await import('apache-arrow');
  const table = arrow.tableFromIPC(await dataset!.read('data-00000-of-00001.arrow'));
  const kept = lists.map((_, c) => c).filter((c) => lists[c].length > 0);
  assert.ok(kept.length < lists.length);
  assert.deepEqual(
    Array.from(table, (row) => {
      const { input_ids, length, label, cell_id } = row!.toJSON();
      return [Array.from(input_ids as Iterable<bigint>, Number), Number(length), label, cell_id];
    }),
    kept.map((c) => [[...lists[c]], lists[c].length, 'T', cellIds[c]]),
  );
});

test('totals are those of the sample, not of the kept genes', async () => {
  const inputs = await inputsOf({
    rows: [
      [1, 0],
      [1, 3],
    ],
    ids: ['a', 'b'],
    totals: [100, 200],
  });
  const options = { kind: 'lognorm', genes: 'all', target: 400 };
  const { dense } = await readMatrix((await runStage(encode, config(options), 'it', inputs)).encoded!);
  assert.deepEqual(
    dense,
    [
      [Math.log1p(4), 0],
      [Math.log1p(2), Math.log1p(6)],
    ].map((row) => row.map(Math.fround)),
  );
});

test('a run that is called off stops', async () => {
  const inputs = await inputsOf({ rows: [[1]], ids: ['a'] });
  const signal = AbortSignal.abort();
  await assert.rejects(runStage(encode, config({ kind: 'counts', genes: 'all' }), 'it', inputs, { signal }), {
    name: 'AbortError',
  });
});
