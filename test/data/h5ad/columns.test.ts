/** Labels, batches and ids: what is read, and what is refused. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inspectFile } from '../../../lib/data/inspect/inspect.ts';
import { openFrame } from '../../../lib/data/readers/h5ad/frame.ts';
import { Hdf5File } from '../../../lib/data/readers/h5ad/hdf5.ts';
import { openSource } from '../../../lib/data/readers/source.ts';
import { blockCounts, type H5adSpec, writeH5ad } from '../../helpers/h5ad.ts';
import { refusal } from '../../helpers/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'rankloom-columns-'));
after(() => rmSync(folder, { recursive: true }));
const { rows, labels } = blockCounts(3, 20, 6);
const n = labels.length;

async function open(spec: Partial<H5adSpec>, options: Record<string, string> = {}) {
  const path = await writeH5ad(join(folder, 'columns.h5ad'), { x: rows, ...spec });
  return openSource({ source: path, matrix: 'auto', label: 'cell_type', geneId: 'index', ...options });
}

for (const categoricals of ['group', '__categories'] as const) {
  test(`reads categories kept as ${categoricals}, missing ones as null`, async () => {
    const some = labels.map((label, i) => (i % 5 === 0 ? null : label));
    const source = await open({ obs: { cell_type: some }, categoricals });
    assert.deepEqual(await source.labels(), some);
    assert.equal(await source.batches(), undefined);
    await source.close();
  });
}

test('reads labels kept as text, empty ones as missing, numerals as they are', async () => {
  const text = labels.map((label, i) => (i === 3 ? '' : label.replace('type', '')));
  const source = await open({ obs: { cell_type: { text } } });
  assert.deepEqual(
    await source.labels(),
    text.map((label) => label || null),
  );
  await source.close();
});

test('takes whole numbers that repeat as batches', async () => {
  const source = await open(
    { obs: { cell_type: labels, lane: labels.map((_, i) => i % 4) } },
    { batch: 'lane' },
  );
  assert.deepEqual((await source.batches())?.slice(0, 5), ['0', '1', '2', '3', '0']);
  await source.close();
});

test('a label column that is not there: lists the columns, likely ones first, and the near miss', async () => {
  const obs = {
    n_counts: labels.map((_, i) => i),
    phase: labels.map((_, i) => `G${i % 2}`),
    louvain: labels.map((_, i) => `${i % 4}`),
    cell_type: labels,
  };
  const source = await open({ obs }, { label: 'celltype' });
  const { all } = await refusal(() => source.labels());
  assert.match(all, /obs has no column "celltype"/);
  assert.match(all, /Did you mean "cell_type"\?/);
  assert.match(all, /can be the label: cell_type \(3\), louvain \(4\), phase \(2\)\nOthers: n_counts/);
  await source.close();
});

test('no label column named: lists the columns', async () => {
  const path = await writeH5ad(join(folder, 'none.h5ad'), { x: rows, obs: { cell_type: labels } });
  const source = await openSource({ source: path, matrix: 'auto', geneId: 'index' });
  assert.match((await refusal(() => source.labels())).all, /no label column is named[\s\S]*cell_type \(3\)/);
  await source.close();
});

const UNFIT: Record<string, [H5adSpec['obs'], RegExp]> = {
  'decimal numbers': [{ bad: labels.map((_, i) => i / 7) }, /is numeric \(decimal numbers, 60 distinct\)/],
  'whole numbers of many values': [
    { bad: labels.map((_, i) => i % 40) },
    /is numeric \(whole numbers, 40 distinct[\s\S]*astype\('category'\)/,
  ],
  'a value of its own for each cell': [
    { bad: { text: labels.map((_, i) => `c${i}`) } },
    /is unique per cell \(60 values/,
  ],
  'nothing but missing values': [{ bad: { text: labels.map(() => '') } }, /is missing for every cell/],
};
for (const [what, [obs, message]] of Object.entries(UNFIT)) {
  test(`a label column with ${what} is refused`, async () => {
    const source = await open({ obs: { ...obs, cell_type: labels } }, { label: 'bad' });
    const { all } = await refusal(() => source.labels());
    assert.match(all, /the label column "bad"/);
    assert.match(all, message);
    assert.match(all, /can be the label: cell_type/);
    await source.close();
  });
}

test('whole numbers of few values are labels for who asks for them, and said to be numbers', async () => {
  const numbers = labels.map((_, i) => i % 3);
  const source = await open({ obs: { leiden: numbers } }, { label: 'leiden' });
  assert.deepEqual(await source.labels(), numbers.map(String));
  const { label, notes } = await source.choices();
  assert.equal(label, 'leiden');
  assert.match(notes.join(), /the labels of leiden are numbers/);
  await source.close();
});

test('a batch column that is unique per cell is refused', async () => {
  const source = await open(
    { obs: { cell_type: labels, b: { text: labels.map((_, i) => `b${i}`) } } },
    { batch: 'b' },
  );
  assert.match(
    (await refusal(async () => source.batches())).message,
    /the batch column "b" is unique per cell/,
  );
  await source.close();
});

test('repeated cell ids are refused with an example; a column may name the cells instead', async () => {
  const cells = Array.from({ length: n }, (_, i) => `c${i % 30}`);
  const obs = { cell_type: labels, barcode: { text: Array.from({ length: n }, (_, i) => `bc${i}`) } };
  const source = await open({ cells, obs });
  assert.match((await refusal(() => source.cellIds())).message, /"c0" stands 2 times, 30 ids repeat/);
  await source.close();
  const named = await open({ cells, obs }, { cellId: 'barcode' });
  assert.equal((await named.cellIds())[31], 'bc31');
  await named.close();
});

test('repeated gene ids are refused with the way out', async () => {
  const genes = ['A', 'B', 'A', 'C', 'D', 'E'];
  const spec = { genes, var: { ensembl_id: { text: ['e1', 'e2', 'e3', 'e4', '', 'e6'] } } };
  const source = await open(spec);
  const { all } = await refusal(() => source.geneIds());
  assert.match(all, /gene ids repeat: "A" stands 2 times/);
  assert.match(all, /dataset\.geneId \(there is ensembl_id\)/);
  await source.close();

  const named = await open(spec, { geneId: 'ensembl_id' });
  assert.deepEqual(
    await named.geneIds(),
    ['e1', 'e2', 'e3', 'e4', 'D', 'e6'],
    'a missing id falls back to the index',
  );
  assert.deepEqual(await named.geneNames(), genes);
  await named.close();

  const wrong = await open(spec, { geneId: 'feature_id' });
  assert.match(
    (await refusal(() => wrong.geneIds())).all,
    /var has no column "feature_id"[\s\S]*There is: ensembl_id/,
  );
  await wrong.close();
});

test('gene names come from the first usual column, else there are none beside the ids', async () => {
  const symbols = ['a', 'b', '', 'd', 'e', 'f'];
  const source = await open({ var: { gene_symbol: { text: symbols }, highly_variable: [1, 0, 0, 1, 0, 1] } });
  assert.deepEqual(await source.geneNames(), ['a', 'b', null, 'd', 'e', 'f']);
  assert.deepEqual(await source.annotatedGenes(), [true, false, false, true, false, true]);
  await source.close();
  const bare = await open({});
  assert.deepEqual(await bare.geneNames(), [null, null, null, null, null, null]);
  await bare.close();
});

test('a selection of genes is one of booleans, also as numbers or words; anything else is none', async () => {
  const flags = [true, false, false, true, false, true];
  const asText = (yes: string, no: string) => ({ text: flags.map((flag) => (flag ? yes : no)) });
  for (const highly_variable of [
    flags.map((flag, i) => (i === 1 ? Number.NaN : Number(flag))),
    asText('True', 'False'),
    asText('TRUE', 'FALSE'),
    asText('1.0', '0.0'),
    flags.map((flag, i) => (i === 1 ? null : String(flag))),
  ]) {
    const source = await open({ obs: { cell_type: labels }, var: { highly_variable } });
    assert.deepEqual(await source.annotatedGenes(), flags);
    assert.equal((await source.choices()).annotatedProblem, undefined);
    await source.close();
  }
  for (const [highly_variable, shown] of [
    [asText('yes', 'no'), 'yes'],
    [asText('T', 'F'), 'T'],
    [[1, 2, 3, 4, 5, 6], '2'],
    [[0.5, 1, 0, 0, 0, 0], '0.5'],
  ] as const) {
    const source = await open({ obs: { cell_type: labels }, var: { highly_variable } });
    assert.equal(await source.annotatedGenes(), undefined);
    const problem = `var['highly_variable'] holds "${shown}", which is no boolean`;
    assert.equal((await source.choices()).annotatedProblem, problem);
    await source.close();
    assert.equal((await inspectFile(join(folder, 'columns.h5ad'))).highlyVariable, null);
  }
});

/** A file with obs as a compound dataset and categories under uns, as anndata before 0.7 wrote them. */
async function openCompound(
  fields: readonly (readonly [name: string, values: unknown, dtype: string])[],
  categories: Readonly<Record<string, string[]>> = {},
): Promise<Hdf5File> {
  const h5wasm = await import('h5wasm/node');
  await h5wasm.ready;
  const path = join(folder, 'compound.h5');
  const file = new h5wasm.File(path, 'w');
  file.create_dataset({
    name: 'obs',
    data: new Map(fields.map(([name, values]) => [name, values])) as never,
    dtype: fields.map(([name, , dtype]) => [name, dtype]) as never,
  });
  file.create_group('uns');
  const uns = file.get('uns') as InstanceType<typeof h5wasm.Group>;
  for (const [name, data] of Object.entries(categories))
    uns.create_dataset({ name: `${name}_categories`, data });
  file.close();
  return Hdf5File.open(path);
}

test('reads obs as a compound dataset, as anndata before 0.7 wrote it', async () => {
  const opened = await openCompound(
    [
      ['index', ['AAAC-1', 'AAAG-1', 'AAAT-1'], 'S16'],
      ['louvain', new Int8Array([1, -1, 0]), '<b'],
      ['n_genes', new BigInt64Array([5n, -6n, 7n]), '<q'],
      ['score', new Float32Array([0.5, Number.NaN, 2]), '<f'],
    ],
    { louvain: ['B', 'T'] },
  );
  const obs = openFrame(opened, 'obs');
  assert.ok(obs !== undefined);
  assert.deepEqual(obs.columns, ['louvain', 'n_genes', 'score']);
  assert.deepEqual(obs.index(), ['AAAC-1', 'AAAG-1', 'AAAT-1']);
  assert.deepEqual(obs.column('louvain'), {
    kind: 'categorical',
    codes: Int32Array.of(1, -1, 0),
    categories: ['B', 'T'],
  });
  assert.deepEqual(obs.column('n_genes'), { kind: 'integer', values: Float64Array.of(5, -6, 7) });
  assert.deepEqual(obs.column('score'), {
    kind: 'float',
    values: Float64Array.of(0.5, Number.NaN, 2),
    isSingle: true,
  });
  opened.close();
});

test('the first field of a compound dataset names the rows, also beside one that is called index', async () => {
  const opened = await openCompound([
    ['cells', ['a', 'b', 'c'], 'S4'],
    ['index', new Int32Array([2, 1, 0]), '<i'],
  ]);
  const obs = openFrame(opened, 'obs');
  assert.deepEqual([obs?.index(), obs?.columns], [['a', 'b', 'c'], ['index']]);
  opened.close();
});

test('a field of a compound dataset with categories must hold integers', async () => {
  for (const [values, dtype] of [
    [new Float32Array([1, 0, 1]), '<f'],
    [['B', 'T', 'B'], 'S4'],
  ] as const) {
    const opened = await openCompound(
      [
        ['index', ['a', 'b', 'c'], 'S4'],
        ['louvain', values, dtype],
      ],
      { louvain: ['B', 'T'] },
    );
    const { all } = await refusal(async () => openFrame(opened, 'obs')?.column('louvain'));
    assert.match(all, /obs, field louvain holds \w+ values, which are no codes of categories/);
    opened.close();
  }
});
