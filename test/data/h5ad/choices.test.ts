/** What of a file is taken for what: the matrix, the features, the gene ids, the label. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inspectFile } from '../../../lib/data/inspect/inspect.ts';
import { suggestConfig } from '../../../lib/data/inspect/suggest.ts';
import { isNamedLikeBatch, isNamedLikeLabel } from '../../../lib/data/readers/h5ad/column-names.ts';
import { openSource } from '../../../lib/data/readers/source.ts';
import load from '../../../stages/load.ts';
import { blockCounts, type H5adSpec, type MatrixSpec, writeH5ad } from '../../helpers/h5ad.ts';
import { runStage } from '../../helpers/run-stage.ts';
import { denseRows, refusal } from '../../helpers/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'rankloom-choices-'));
after(() => rmSync(folder, { recursive: true }));
const { rows, labels } = blockCounts(3, 30, 12);
const ensembl = (i: number) => `ENSG${String(100 + i).padStart(11, '0')}`;
let files = 0;

const write = (spec: Partial<H5adSpec>) =>
  writeH5ad(join(folder, `${files++}.h5ad`), { x: rows, obs: { cell_type: labels }, ...spec });

async function open(spec: Partial<H5adSpec>, options: object = {}) {
  const path = await write(spec);
  return openSource({ source: path, matrix: 'auto', label: 'cell_type', geneId: 'index', ...options });
}
async function chosen(spec: Partial<H5adSpec>, options: object = {}) {
  const source = await open(spec, options);
  const { matrix, notes, featuresLeftOut } = await source.choices();
  const found = {
    matrix,
    notes: notes.join('\n'),
    genes: source.genes,
    rows: await denseRows(source),
    featuresLeftOut,
  };
  await source.close();
  return found;
}
const map = (change: (value: number, row: number) => number) =>
  rows.map((row, i) => row.map((value) => change(value, i)));

const layouts = ['csr', 'csc', 'dense'] as const;
for (const layout of layouts) {
  const as = (values: MatrixSpec['values']): MatrixSpec => ({ values, layout });
  test(`${layout}: a matrix of zeros, of 0 and 1, or transformed, is passed over for counts in a layer`, async () => {
    const log = map((value) => Math.log1p(value));
    for (const x of [map(() => 0), map((value) => Math.min(value, 1)), log, map((value) => value - 1.25)]) {
      const { matrix, rows: read } = await chosen({ x: as(x), layers: { counts: as(rows) } });
      assert.equal(matrix, 'layers/counts');
      assert.deepEqual(read, rows);
    }
  });
}

test('zeros where the sample looks do not hide counts elsewhere', async () => {
  const many = Array.from({ length: 3000 }, (_, i) => [i === 1234 ? 7 : 0, i === 1234 ? 3 : 0]);
  const source = await open({
    x: { values: many, layout: 'dense' },
    obs: { cell_type: many.map((_, i) => `t${i % 2}`) },
  });
  assert.equal(source.matrix, 'X');
  await source.close();
});

test('values that are no counts, past the sampled rows, are refused with their place', async () => {
  const many = Array.from({ length: 3000 }, (_, i) => [1 + (i % 3), i === 1234 ? 0.5 : 2]);
  const source = await open({
    x: { values: many, layout: 'dense' },
    obs: { cell_type: many.map((_, i) => `t${i % 2}`) },
  });
  assert.match((await refusal(() => denseRows(source))).all, /X holds 0\.5 for gene gene1 in cell cell1234/);
  await source.close();
});

test('a file of which a later part is normalised is told from counts', async () => {
  const many = Array.from({ length: 2400 }, (_, i) => (i < 2380 ? [1, 2, 3] : [0.5, 0.25, 3]));
  const { all } = await refusal(() =>
    open({ x: { values: many, layout: 'dense' }, obs: { cell_type: many.map(() => 't') } }),
  );
  assert.match(all, /no counts found: X holds 0\.5 for gene gene0 in cell cell2380/);
});

test('all zeros and nothing else is refused, named or not', async () => {
  const zeros = map(() => 0);
  assert.match((await refusal(() => open({ x: zeros }))).all, /X holds only zeros/);
  const path = await write({ x: zeros });
  const dataset = { source: path, label: 'cell_type', matrix: 'X' };
  const { all } = await refusal(() => runStage(load, { dataset }, '', { source: path }));
  assert.match(all, /X holds only zeros: no cell has a count/);
});

test('data of 0 and 1 alone are taken with a word', async () => {
  const path = await write({ x: map((value) => Math.min(value, 1)) });
  const out = await runStage(load, { dataset: { source: path, label: 'cell_type' } }, '', { source: path });
  assert.match((await out.choices.read()).notes.join(), /every count is 1/);
  const counts = await write({});
  const usual = await runStage(load, { dataset: { source: counts, label: 'cell_type' } }, '', {
    source: counts,
  });
  assert.deepEqual((await usual.choices.read()).notes, []);
});

test('of several matrices with counts X is taken, unless a layer by the name of counts differs', async () => {
  const same = await chosen({ layers: { counts: rows } });
  assert.deepEqual([same.matrix, same.notes], ['X', '']);
  const half = map((value) => Math.floor(value / 2));
  const named = await chosen({ x: half, layers: { counts: rows } });
  assert.equal(named.matrix, 'layers/counts');
  assert.match(named.notes, /read from layers\/counts, but X looks like counts too, with other totals/);
  const corrected = await chosen({ layers: { decontx_counts: half } });
  assert.equal(corrected.matrix, 'X');
  assert.match(
    corrected.notes,
    /read from X, but layers\/decontx_counts looks like counts too, with other totals/,
  );
  const raw = await chosen({ x: half, raw: { x: rows } });
  assert.equal(raw.matrix, 'raw/X');
  const fewer = await chosen({ x: rows.map((row) => row.slice(0, 8)), raw: { x: rows } });
  assert.equal(fewer.matrix, 'X');
  assert.match(fewer.notes, /raw\/X looks like counts too of 12 genes/);
});

test('whole numbers that were scaled and rounded give way to counts, and are taken with a word', async () => {
  const deep = map((value, row) => value * (3 + (row % 7)) * 20);
  const rounded = deep.map((row) => {
    const total = row.reduce((a, b) => a + b);
    return row.map((value) => Math.round((10_000 * value) / total));
  });
  assert.equal((await chosen({ x: rounded, layers: { umis: deep } })).matrix, 'layers/umis');
  assert.match((await chosen({ x: rounded })).notes, /add up to about 10,000 in every cell/);
});

const types = (list: readonly string[]) => ({
  feature_types: { text: rows[0].map((_, i) => list[i % list.length]) },
});

for (const layout of layouts) {
  test(`${layout}: antibodies, peaks and guides are no genes, unless the config says so`, async () => {
    const spec = {
      x: { values: rows, layout },
      var: types(['Gene Expression', 'Antibody Capture', 'Peaks', 'CRISPR Guide Capture']),
    };
    const usual = await chosen(spec);
    assert.deepEqual(
      usual.rows,
      rows.map((row) => row.filter((_, i) => i % 4 === 0)),
    );
    assert.equal(usual.genes, 3);
    assert.match(usual.notes, /3 of type "Antibody Capture".*dataset\.features/);
    assert.deepEqual((await chosen(spec, { features: null })).rows, rows);
    const peaks = await chosen(spec, { features: ['Peaks', 'Gene Expression'] });
    assert.deepEqual(
      peaks.rows,
      rows.map((row) => row.filter((_, i) => i % 2 === 0)),
    );
    const { all } = await refusal(() => open(spec, { features: ['Peak'] }));
    assert.match(all, /no feature is of the type "Peak"|does not say of what type/);
  });
}

test('what antibodies hold does not count when a matrix is judged', async () => {
  const x = rows.map((row) => row.map((value, i) => (i % 2 === 0 ? value : value / 3)));
  const { matrix, rows: read } = await chosen({ x, var: types(['Gene Expression', 'Antibody Capture']) });
  assert.equal(matrix, 'X');
  assert.deepEqual(
    read,
    rows.map((row) => row.filter((_, i) => i % 2 === 0)),
  );
});

test('other columns and words for types are known; biotypes are all genes; peaks alone are refused', async () => {
  const modality = await chosen({
    var: { modality: { text: rows[0].map((_, i) => (i < 9 ? 'rna' : 'prot')) } },
  });
  assert.equal(modality.genes, 9);
  const biotypes = await chosen({
    var: { feature_type: { text: rows[0].map((_, i) => (i < 9 ? 'protein_coding' : 'lncRNA')) } },
  });
  assert.deepEqual([biotypes.genes, biotypes.notes], [12, '']);
  const spiked = await chosen({
    var: { feature_biotype: { text: rows[0].map((_, i) => (i < 9 ? 'gene' : 'spike-in')) } },
  });
  assert.equal(spiked.genes, 9);
  const { all } = await refusal(() => open({ var: types(['Peaks']) }));
  assert.match(all, /no feature of the file is a gene: "Peaks"[\s\S]*dataset\.features: \['Peaks'\]/);
  assert.equal((await chosen({ var: types(['Peaks']) }, { features: ['Peaks'] })).genes, 12);
});

test('raw without types asks var by the ids', async () => {
  const { genes, matrix } = await chosen({
    x: map((value) => value / 3),
    raw: { x: rows },
    var: types(['Gene Expression', 'Antibody Capture']),
  });
  assert.deepEqual([matrix, genes], ['raw/X', 6]);
});

test('versions of Ensembl ids are told, and taken off where asked; copies on Y stay apart', async () => {
  const genes = rows[0].map((_, i) =>
    i === 11 ? `${ensembl(10)}.4_PAR_Y` : i === 0 ? 'AC012345.1' : `${ensembl(i)}.${i}`,
  );
  const kept = await open({ genes });
  assert.match(
    (await kept.choices()).notes.join(),
    /11 of 12 gene ids are Ensembl ids with versions.*geneIdVersions: 'strip'/,
  );
  await kept.close();
  const stripped = await open({ genes }, { geneIdVersions: 'strip' });
  assert.deepEqual(
    await stripped.geneIds(),
    rows[0].map((_, i) => (i === 11 ? `${ensembl(10)}_PAR_Y` : i === 0 ? 'AC012345.1' : ensembl(i))),
  );
  assert.deepEqual((await stripped.choices()).notes, []);
  await stripped.close();
  const twice = genes.with(2, `${ensembl(1)}.9`);
  const both = await open({ genes: twice }, { geneIdVersions: 'strip' });
  const { all } = await refusal(() => both.geneIds());
  assert.match(
    all,
    /without their versions gene ids repeat: "ENSG00000000101" is ENSG00000000101\.1 and ENSG00000000101\.9/,
  );
  await both.close();
});

test('a column of running numbers is no id', async () => {
  const source = await open(
    { var: { n: rows[0].map((_, i) => i), m: rows[0].map((_, i) => i + 1) } },
    { geneId: 'n' },
  );
  assert.match((await refusal(() => source.geneIds())).all, /the column "n" of var counts the genes/);
  await source.close();
});

async function suggested(spec: Partial<H5adSpec>) {
  return suggestConfig(await inspectFile(await write(spec)));
}

test('init: Ensembl ids where there are some, never running numbers', async () => {
  const symbols = rows[0].map((_, i) => `GENE${i % 10}`);
  const numbers = rows[0].map((_, i) => i);
  const ids = { text: rows[0].map((_, i) => ensembl(i)) };
  const geneId = async (spec: Partial<H5adSpec>) => (await suggested(spec)).config.dataset.geneId;
  assert.equal(await geneId({ genes: symbols, var: { 'Unnamed: 0': numbers, gene_ids: ids } }), 'gene_ids');
  assert.equal(
    await geneId({ var: { rank: numbers, ensembl_id: ids, name: { text: symbols } } }),
    'ensembl_id',
  );
  assert.equal(await geneId({ genes: ids.text, var: { gene_symbol: { text: symbols } } }), 'index');
  const names = { text: rows[0].map((_, i) => `SYM${i}`) };
  assert.equal(await geneId({ genes: numbers.map(String), var: { gene_name: names } }), 'gene_name');
  const hopeless = await suggested({
    genes: symbols,
    var: { 'Unnamed: 0': numbers, n_cells: numbers.map((n) => n + 1) },
  });
  assert.match(hopeless.problem?.message ?? '', /gene ids repeat, and no column of var/);
  const versioned = await suggested({ genes: rows[0].map((_, i) => `${ensembl(i)}.${i}`) });
  assert.equal(versioned.config.dataset.geneIdVersions, 'strip');
});

test('init: a label is guessed by its name alone, and never a batch, a flag or numbers', async () => {
  const label = async (obs: H5adSpec['obs']) => {
    const { config, problem } = await suggested({ obs });
    return problem === undefined ? config.dataset.label : problem.hint;
  };
  const batch = labels.map((_, i) => `b${i % 3}`);
  const numbers = labels.map((_, i) => i % 4);
  assert.match(await label({ batch, cell_type: numbers }), /cell_type \(4 numbers\)[\s\S]*LABEL=cell_type/);
  assert.match(await label({ donor: batch }), /Columns that sort cells: donor/);
  assert.match(await label({ tissue: labels }), /Columns that sort cells: tissue/);
  assert.equal(await label({ batch, louvain: labels }), 'louvain');
  assert.equal(await label({ batch_label: batch, cell_type_fine: labels }), 'cell_type_fine');
  for (const named of ['CellTypeName', 'major_class', 'subclass_label']) {
    const obs = ['color', 'id', 'code', 'order', 'Index'].map((word) => [`cell_type_${word}`, labels]);
    assert.equal(await label({ ...Object.fromEntries(obs), [named]: labels }), named);
  }
  assert.equal(await label({ cell_type_level2: labels }), 'cell_type_level2');
  assert.match(await label({ cell_type_color: labels }), /Columns that sort cells: cell_type_color/);
  assert.match(await label({}), /No column of obs sorts cells/);
});

test('names of batches and of labels', () => {
  for (const name of [
    'batch',
    'Batch',
    'donor_id',
    'donorID',
    'sampleid',
    'orig.ident',
    'Patient',
    'study',
    'dataset',
    'plate',
    'lane',
    'lane2',
    'library',
    'replicate',
    'rep1',
    'individual',
    'tech',
    'technology',
    'assay',
    'batch_label',
    'sample_cluster',
    'Library_ID',
    'mouse',
    'GSM',
    'seq_run',
    'protocol',
    'subject',
    'library_cell_type',
  ]) {
    assert.ok(isNamedLikeBatch(name), name);
    assert.ok(!isNamedLikeLabel(name), name);
  }
  for (const name of [
    'cell_type',
    'CellType',
    'celltype_major',
    'Cell type',
    'annotation',
    'labels',
    'seurat_clusters',
    'leiden',
    'author_cell_type',
    'free_annotation',
    'subclass_label',
    'Cluster',
  ]) {
    assert.ok(isNamedLikeLabel(name), name);
  }
  for (const name of [
    'sex',
    'tissue',
    'phase',
    'is_primary_data',
    'cell_type_confidence',
    'predicted_doublet',
    'condition',
    'airplane',
    'cell_type_colors',
    'CellTypeColour',
    'clusterColor',
    'celltypecolor',
    'cluster_hex',
    'percent_mito',
  ]) {
    assert.ok(!isNamedLikeLabel(name), name);
  }
});
