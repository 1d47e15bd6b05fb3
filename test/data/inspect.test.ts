import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import { inspectFile } from '../../lib/data/inspect/inspect.ts';
import { renderInspection, suggestedConfigText } from '../../lib/data/inspect/render.ts';
import { suggestConfig } from '../../lib/data/inspect/suggest.ts';
import type { Inspection } from '../../lib/data/readers/inspection.ts';
import { suggestFor } from '../../lib/study/suggest-config.ts';
import hvg from '../../stages/hvg.ts';
import load from '../../stages/load.ts';
import subset from '../../stages/subset.ts';
import { blockCounts, writeH5ad } from '../helpers/h5ad.ts';
import { refusal } from '../helpers/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'rankloom-inspect-'));
after(() => rmSync(folder, { recursive: true }));
const { rows, labels } = blockCounts(4, 40, 30);

async function atlas() {
  const logged = rows.map((row) => row.map((value) => Math.log1p(value * 0.37)));
  const path = await writeH5ad(join(folder, "it's.h5ad"), {
    x: logged,
    layers: { counts: rows },
    genes: rows[0].map((_, i) => (i === 0 ? 'MT-CO1' : `GENE${i}`)),
    obs: {
      n_counts: rows.map((row) => row.reduce((a, b) => a + b)),
      leiden: labels.map((_, i) => `${i % 9}`),
      celltype: labels,
      donor: labels.map((_, i) => `donor${i % 3}`),
      sample: labels.map((label) => `of_${label}`),
    },
    obsm: { X_pca: rows.map((row) => row.slice(0, 7)) },
  });
  return inspectFile(path);
}

test('tells matrices, columns, depth and embeddings', async () => {
  const i = await atlas();
  assert.deepEqual([i.cells, i.genes, i.counts], [160, 30, 'layers/counts']);
  assert.deepEqual(
    i.matrices.map(({ name, look }) => [name, look]),
    [
      ['X', 'log-normalised'],
      ['layers/counts', 'counts'],
    ],
  );
  assert.deepEqual(i.labels, ['celltype', 'leiden', 'donor', 'sample', 'n_counts']);
  assert.equal(i.chosenLabel, 'celltype');
  assert.deepEqual(i.batches, ['donor'], 'sample sorts the cells as celltype does, so it is no batch');
  assert.deepEqual(i.label?.groups[0], { group: 'type0', cells: 40 });
  assert.equal(i.obs.find(({ name }) => name === 'n_counts')?.kind, 'integer');
  assert.deepEqual(i.obsm, [{ name: 'X_pca', rows: 160, dims: 7 }]);
  assert.deepEqual([i.geneIds.kind, i.mitoGenes, i.highlyVariable], ['symbols', 1, null]);
  const detected = rows.map((row) => row.filter((value) => value > 0).length).sort((a, b) => a - b);
  assert.deepEqual(i.depth?.detectedGenes, detected);
});

test('takes the columns that the caller knows, if they fit', async () => {
  const { path } = await atlas();
  const i = await inspectFile(path, { label: 'leiden', batch: 'sample' });
  assert.deepEqual([i.labels[0], i.batches[0], i.label?.name], ['leiden', 'sample', 'leiden']);
  const { dataset } = suggestConfig(i).config;
  assert.deepEqual([dataset.label, dataset.batch], ['leiden', 'sample']);
  const { all } = await refusal(() => inspectFile(path, { label: 'cell_typ' }));
  assert.match(all, /obs has no column "cell_typ"[\s\S]*Did you mean "celltype"/);
});

test('suggests a config that keeps the types, and says why', async () => {
  const { config, reasons } = suggestConfig(await atlas());
  const { dataset, subset: limits, hvg: genes } = config;
  assert.deepEqual([dataset.matrix, dataset.label, dataset.batch], ['layers/counts', 'celltype', 'donor']);
  assert.deepEqual([limits.minCellsPerType, limits.cellsPerType], [30, 100]);
  assert.ok(limits.minGenes < 30, 'shallow data lower the limit');
  assert.match(reasons.minGenes, /shallow: the median cell has \d+ genes, and 100 % have fewer than 200/);
  assert.match(reasons.minCellsPerType, /4 of 4 types have at least \d+ cells \(at 500: 0\)\.$/);
  assert.match(reasons.matrix, /layers\/counts looks like counts; X looks log-normalised/);
  assert.deepEqual(genes, { flavor: 'none' });
});

test('the suggested text is a module with the suggested config, which the stages accept', async () => {
  const i = await atlas();
  const text = suggestedConfigText(i);
  const file = join(folder, 'suggested.config.mjs');
  writeFileSync(file, text);
  const { default: config } = await import(pathToFileURL(file).href);
  const { config: suggested } = suggestConfig(i);
  for (const [key, value] of Object.entries(suggested)) assert.deepEqual(config[key], value, key);
  const shape = { ...load.config, ...subset.config, ...hvg.config };
  for (const [key, schema] of Object.entries(shape)) {
    assert.ok((schema as z.ZodType).safeParse(config[key]).success, `${key} is accepted`);
  }
  assert.match(text, /from: 'obsm\/X_pca' \}, \/\/ 7 dimensions/);
});

test('the text fits 100 columns, commands to copy aside', async () => {
  const lines = renderInspection(await atlas())
    .trimEnd()
    .split('\n');
  for (const line of lines.slice(0, -1)) assert.ok(line.length <= 100, line);
  for (const part of [
    '160 cells × 30 genes',
    'layers/counts *',
    'can label cells: celltype (likeliest), leiden',
    'X_pca: 7 dimensions',
  ]) {
    assert.ok(lines.join('\n').includes(part), part);
  }
  assert.ok(!lines.join('\n').includes('No column can label cells'), 'there is one');
});

test('the last line is the command that makes a study, as it can be pasted', async () => {
  const last = async (i: Inspection) => renderInspection(i).trimEnd().split('\n').at(-1);
  const i = await atlas();
  const path = `'${i.path.replace("'", "'\\''")}'`;
  assert.equal(await last(i), `Next: make all DATA=${path} LABEL=celltype BATCH=donor`);
  const unnamed = { ...i, chosenLabel: null, label: null };
  assert.match(
    renderInspection(unnamed),
    /\nNext: make all DATA=.* LABEL=…\n {2}with the column of the cell types/,
  );
});

test('no config is suggested for a file that load would refuse', async () => {
  const obs = { cell_type: labels };
  const genes = rows[0].map((_, i) => `G${i}`);
  const refused = async (name: string, spec: object) => {
    const path = await writeH5ad(join(folder, name), { x: rows, genes, obs, ...spec } as never);
    return (await refusal(() => suggestFor(path, {}))).all;
  };
  assert.match(await refused('twice.h5ad', { cells: rows.map((_, i) => `cell${i >> 1}`) }), /cell0/);
  const { text } = await suggestFor(await writeH5ad(join(folder, 'good.h5ad'), { x: rows, genes, obs }), {});
  assert.match(text, /label: 'cell_type'/);
});

test('a file without what is needed is described all the same', async () => {
  const i = await inspectFile(
    await writeH5ad(join(folder, 'bare.h5ad'), { x: null, cells: ['a'], genes: ['a', 'a'] }),
  );
  assert.deepEqual([i.matrices, i.counts, i.labels, i.depth], [[], null, [], null]);
  assert.match(renderInspection(i), /none: there is no X[\s\S]*No column can label cells/);
  assert.match(
    renderInspection(i),
    /No study can be made of this yet: no matrix of the file can be read as counts/,
  );
  assert.match(suggestedConfigText(i), /this will be refused/);
});

test('a file of another kind is an error', async () => {
  writeFileSync(join(folder, 'a.csv'), 'a,b\n');
  assert.match((await refusal(() => inspectFile(join(folder, 'a.csv')))).message, /a text file/);
});

const DATA = join(import.meta.dirname, '..', '..', '..', 'shared', 'data');
const skip = existsSync(DATA) ? false : 'the shared data (../shared/data) are not here';

test('suggestions for real atlases', { skip }, async () => {
  const suggested = async (name: string) => suggestConfig(await inspectFile(join(DATA, name))).config;
  const pbmc3k = await suggested('pbmc3k.h5ad');
  assert.deepEqual([pbmc3k.dataset.label, pbmc3k.dataset.batch], ['cell_type', undefined]);
  assert.deepEqual([pbmc3k.subset.minGenes, pbmc3k.subset.minCellsPerType], [200, 100]);
  assert.deepEqual(pbmc3k.hvg, { flavor: 'seurat', top: 2000 });
  const worm = await suggested('worm_l2_neurons.h5ad');
  assert.deepEqual(
    [worm.subset.minGenes, worm.subset.minCellsPerType, worm.dataset.batch],
    [20, 200, 'batch'],
  );
  const facs = await suggested('zheng_facs_pbmc.h5ad');
  assert.equal(facs.dataset.batch, undefined, 'the sort is the label, not a batch');
  const blood = await suggested('blood_4studies_11batches.h5ad');
  assert.deepEqual(
    [blood.dataset.label, blood.dataset.batch, blood.hvg.flavor],
    ['cell_type', 'batch', 'none'],
  );
});

test('a filter that cannot be read is named beside the matrix, with what to do', { skip }, async () => {
  const i = await inspectFile(join(DATA, 'encodings', 'pbmc3k_200_csr_f32_blosc.h5ad'));
  assert.match(renderInspection(i), /X\/indptr is compressed with Blosc[\s\S]*python -c "import hdf5plugin/);
  assert.equal(i.label?.groups[0].group, 'CD4 T cells');
});
