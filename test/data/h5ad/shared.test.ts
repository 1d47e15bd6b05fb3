/** Files from other hands: every layout under ../shared/data. Skipped where these are not at hand. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { columnTexts, openFrame } from '../../../lib/data/readers/h5ad/frame.ts';
import { Hdf5File } from '../../../lib/data/readers/h5ad/hdf5.ts';
import { openSource } from '../../../lib/data/readers/source.ts';
import { checkCanonical, refusal } from '../../helpers/source.ts';

const DATA = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data');
const ENCODINGS = join(DATA, 'encodings');
const skip = existsSync(DATA) ? false : 'the shared data (../shared/data) are not here';

const open = (path: string, options: Record<string, string> = {}) =>
  openSource({ source: path, matrix: 'auto', label: 'cell_type', geneId: 'index', ...options });

const SAME_CELLS: Record<string, string> = {
  'pbmc3k_200_csr_f32_gzip.h5ad': 'X',
  'pbmc3k_200_csr_i64_none.h5ad': 'X',
  'pbmc3k_200_dense_f32_gzip.h5ad': 'X',
  'pbmc3k_200_layers_counts_X_lognorm.h5ad': 'layers/counts',
  'pbmc3k_200_obs_kinds.h5ad': 'X',
  'pbmc3k_200_rawX_counts_X_lognorm_500hvg.h5ad': 'raw/X',
};
for (const [name, matrix] of Object.entries(SAME_CELLS)) {
  test(`${name} holds what it must`, { skip }, async () => {
    const expected = JSON.parse(readFileSync(join(ENCODINGS, 'pbmc3k_200_expected.json'), 'utf8'));
    const source = await open(join(ENCODINGS, name));
    assert.equal(source.matrix, matrix);
    assert.deepEqual([source.cells, source.genes], expected.shape);
    const cells = await source.cellIds();
    const genes = await source.geneIds();
    assert.deepEqual([cells.slice(0, 3), cells.slice(-3)], [expected.first_cells, expected.last_cells]);
    assert.deepEqual([genes.slice(0, 3), genes.slice(-3)], [expected.first_genes, expected.last_genes]);
    const values = new Map<string, number>();
    const rowSums = new Array(source.cells).fill(0);
    const columnSums = new Array(source.genes).fill(0);
    for await (const block of source.rows()) {
      checkCanonical(block);
      for (let row = 0; row < block.rows; row++) {
        for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
          rowSums[block.start + row] += block.values[i];
          columnSums[block.indices[i]] += block.values[i];
          values.set(`${cells[block.start + row]} ${genes[block.indices[i]]}`, block.values[i]);
        }
      }
    }
    assert.equal(values.size, expected.nnz);
    assert.equal(
      rowSums.reduce((a, b) => a + b),
      expected.sum,
    );
    assert.deepEqual(rowSums.slice(0, 10), expected.row_sums_first_10);
    assert.deepEqual(columnSums.slice(0, 10), expected.col_sums_first_10);
    for (const [cell, gene, value] of expected.checks_cell_gene_value) {
      assert.equal(values.get(`${cell} ${gene}`), value, `${cell} ${gene}`);
    }
    assert.deepEqual(countOf(await source.labels()), expected.cell_type_counts);
    await source.close();
  });
}

function countOf(texts: readonly (string | null)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[String(text)] = (counts[String(text)] ?? 0) + 1;
  return counts;
}

test('every kind of column, values as pandas reads them', { skip }, async () => {
  const file = await Hdf5File.open(join(ENCODINGS, 'pbmc3k_200_obs_kinds.h5ad'));
  const obs = openFrame(file, 'obs');
  assert.ok(obs !== undefined);
  const texts = (name: string) => columnTexts(obs.column(name));
  const missing = (name: string) => texts(name).filter((text) => text === null).length;
  const sum = (name: string) => texts(name).reduce((total, text) => total + Number(text ?? 0), 0);
  const kinds = obs.columns.map((name) => [name, obs.column(name).kind]);
  assert.deepEqual(Object.fromEntries(kinds), {
    cell_type: 'categorical',
    n_counts: 'integer',
    n_genes: 'integer',
    is_train: 'boolean',
    maybe_bool: 'boolean',
    maybe_int: 'integer',
    ordered_size: 'categorical',
    type_with_missing: 'categorical',
    score_with_nan: 'float',
    note: 'string',
  });
  assert.equal(countOf(texts('is_train')).true, 88);
  assert.deepEqual([countOf(texts('maybe_bool')).true, missing('maybe_bool')], [74, 21]);
  assert.deepEqual([sum('maybe_int'), missing('maybe_int')], [10135, 12]);
  assert.deepEqual(
    [countOf(texts('type_with_missing'))['CD4 T cells'], missing('type_with_missing')],
    [76, 16],
  );
  assert.ok(Math.abs(sum('score_with_nan') - 86.30183341590273) < 1e-9);
  assert.equal(missing('score_with_nan'), 19);
  assert.deepEqual(texts('note').slice(0, 2), ['cell-0 é', 'cell-1 é']);
  file.close();
});

// Shapes and stored counts from the files themselves, read with h5py 3.16.
const REAL: Record<string, [number, number, number]> = {
  'blood_3studies_fullgenes.h5ad': [8525, 8827, 7167895],
  'kang_8donors_fullgenes.h5ad': [954, 9015, 536133],
  'pbmc3k.h5ad': [2638, 13714, 2238732],
  'pollen_11types_fulllength.h5ad': [299, 23794, 1629338],
  'rnamix_2protocols.h5ad': [636, 13906, 4368905],
  'scdcc_worm_neuron.h5ad': [4186, 13488, 780212],
  'worm_l2_neurons.h5ad': [5340, 5000, 324187],
  'zheng_facs_pbmc.h5ad': [3874, 16791, 2767251],
};
for (const [name, [cells, genes, nnz]] of Object.entries(REAL)) {
  test(`${name} is read whole`, { skip }, async () => {
    const source = await open(join(DATA, name));
    assert.deepEqual([source.cells, source.genes], [cells, genes]);
    let stored = 0;
    for await (const block of source.rows()) {
      checkCanonical(block);
      stored += block.values.length;
    }
    assert.equal(stored, nnz);
    assert.equal((await source.labels()).length, cells);
    await source.close();
  });
}

const REFUSED: Record<string, RegExp> = {
  '10x-10k-subset.zarr': /zarr folder, which is not supported yet/,
  '10x_v1.2.0_multiple_genomes.h5': /10x Genomics matrix in HDF5 \(version 2 layout\)/,
  '10x_v3.0.0_filtered_feature_bc_matrix.h5': /10x Genomics matrix in HDF5 \(version 3 layout\)/,
  '10x_v3.0.0_mtx': /10x folder/,
  'anndataR_example.zarr.zip': /zipped zarr store/,
  'anndata_v0.11.4.h5ad': /holds no matrix/,
  'anndata_v0.5.0.h5ad':
    /X holds -0\.326 for gene HES4 in cell AAAGCCTGGCTAAC-1.*raw\/X .*looks log-normalised/,
  'anndata_v0.7.0.h5ad': /compressed with LZF/,
  'cellxgene_nan.h5ad': /NaN for gene TNFRSF25 in cell AAACATACAACCAC-1/,
  'pbmc3k_200_csc_f64_lzf.h5ad': /compressed with LZF/,
  'pbmc3k_200_csr_f32_blosc.h5ad': /compressed with Blosc/,
  'rsc_test_data.h5ad': /looks log-normalised/,
  'scanpy_pbmc68k_reduced_2018.h5ad': /raw\/X .*looks log-normalised/,
  'pbmc3k_200_expected.json': /a JSON file, not an HDF5 file/,
};
for (const [name, message] of Object.entries(REFUSED)) {
  test(`${name} is refused`, { skip }, async () => {
    assert.match((await refusal(() => open(join(ENCODINGS, name)))).message, message);
  });
}

test('old and foreign files that hold counts', { skip }, async () => {
  const smfish = await open(join(ENCODINGS, 'scvi_smfish.h5ad'), { label: 'str_labels', batch: 'batch' });
  assert.deepEqual([smfish.cells, smfish.genes], [4530, 33]);
  assert.equal(new Set(await smfish.labels()).size, 6);
  assert.deepEqual(new Set(await smfish.batches()), new Set(['0']));
  await smfish.close();
  const r = await open(join(ENCODINGS, 'anndataR_example.h5ad'), { label: 'leiden' });
  assert.equal(r.matrix, 'layers/counts');
  assert.equal((await r.annotatedGenes())?.filter(Boolean).length, 39);
  await r.close();
  const by = async (matrix: string) => {
    const source = await open(join(ENCODINGS, 'anndataR_example.h5ad'), { matrix });
    let sum = 0;
    for await (const { indices, values } of source.rows()) {
      for (let i = 0; i < values.length; i++) sum += values[i] * (indices[i] + 1);
    }
    await source.close();
    return sum;
  };
  assert.equal(await by('layers/csc_counts'), await by('layers/counts'));
  assert.equal(await by('layers/dense_counts'), await by('layers/counts'));
});

test('compound obs of anndata 0.5', { skip }, async () => {
  const file = await Hdf5File.open(join(ENCODINGS, 'anndata_v0.5.0.h5ad'));
  const obs = openFrame(file, 'obs');
  assert.deepEqual(obs?.columns.slice(0, 3), ['bulk_labels', 'n_genes', 'percent_mito']);
  const labels = columnTexts(obs!.column('bulk_labels'));
  assert.equal(labels.filter((label) => label === 'Dendritic').length, 240);
  assert.equal(obs!.index()[1], 'AAATTCGATGCACA-1');
  file.close();
});
