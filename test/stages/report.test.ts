import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatasetTold } from '../../lib/cells/dataset-told.ts';
import { diagnosticsTable } from '../../lib/data/results/tables.ts';
import report from '../../stages/report.ts';
import { runStage, withDefaults } from '../helpers/run-stage.ts';
import { madeUpStudy } from '../report/study.ts';

const config = {
  seed: 7,
  dataset: { source: '/somewhere/atlas.h5ad', label: 'cell_type' },
  subset: { minGenes: 200 },
  hvg: { flavor: 'annotated' },
  encodings: { expression: { kind: 'lognorm' }, rank: { kind: 'rank' } },
  embeddings: { expressionUmap: { method: 'umap', of: 'expression', dims: 5 } },
  measures: {
    'expression-umap': { of: 'expressionUmap', metric: 'euclidean' },
    'rank-spearman': { of: 'rank', metric: 'spearman' },
  },
  joint: [['expression-umap', 'rank-spearman']],
  fidelity: {},
  diagnostics: {},
};

const TOLD: DatasetTold = {
  source: {
    matrix: 'layers/counts',
    matrixReason: null,
    label: 'cell_type',
    batch: null,
    geneId: 'index',
    versionsStripped: false,
    cells: 40,
    missing: 3,
    excluded: [{ label: 'doublet', cells: 5 }],
    merged: {},
    featuresLeftOut: [],
    notes: ['a word about <labels>'],
  },
  cells: { total: 40, passing: 30, sampled: 20, dropped: { minGenes: 2, minCounts: 0, maxMitoPercent: 0 } },
  limits: { minGenes: 200, minCounts: 0, maxMitoPercent: 20, minCellsPerType: 10, cellsPerType: 10 },
  types: [{ label: 'T', cells: 25, passing: 24, sampled: 20 }],
  typesLeftOut: [{ label: 'B', cells: 7, passing: 6, sampled: 0 }],
  notes: ['a word about <labels>'],
};

/** A table without rows. */
const noDiagnostics = Object.fromEntries(Object.keys(diagnosticsTable).map((column) => [column, []]));

function inputs() {
  const data = madeUpStudy();
  const handle = (kind: string, value: unknown) => ({ kind, read: async () => value });
  return {
    type_pairs: handle('parquet', data.typePairs),
    separation: handle('parquet', data.separation),
    cutoffs: handle('parquet', data.cutoffs),
    neighbor_purity: handle('parquet', data.neighborPurity),
    encodings: handle('parquet', data.encodings),
    diagnostics: handle('parquet', noDiagnostics),
    joint: handle('parquet', data.joint),
    agreement: handle('parquet', data.agreement),
    sparsity: handle('parquet', data.sparsity),
    cell_types: handle('parquet', data.cellTypes),
    distributions: data.distributions.map((d) => handle('json', d)),
    embeddings: data.embeddings.map(({ embedding }) => handle('embedding', embedding)),
    sample: handle('table', {
      total_counts: data.sample.totalCounts,
      n_genes: data.sample.genes,
      sparsity: data.sample.sparsity,
    }),
    genes: handle('table', { highly_variable: [true, false, true] }),
    told: handle('json', TOLD),
  };
}

test('the page says what was left out and why, and repeats the notes of the data', async () => {
  const { html } = await runStage(report, config, '', inputs());
  const page = await html.read();
  assert.match(
    page,
    /3 cells without a label; 5 cells of labels that dataset\.labels leaves out \(doublet 5\)/,
  );
  assert.match(page, /types with fewer than 10 passing cells \(subset\.minCellsPerType\): B 6/);
  assert.match(page, /a word about &lt;labels&gt;/);
});

test('the page says of a file without ids that its order was taken on trust', async () => {
  const embeddings = { expressionUmap: { method: 'imported', from: 'm.npy', cells: 'in order' } };
  const { html } = await runStage(report, { ...config, embeddings }, '', inputs());
  assert.match(await html.read(), /<strong>expressionUmap<\/strong> has no cell ids/);
});

test('writes the page, and every figure as SVG and as PNG', async () => {
  const { html, figures } = await runStage(report, config, '', inputs());
  const names = await figures.list();
  const page = await html.read();
  assert.equal(names.length, 26);
  for (const name of names) assert.ok(page.includes(`href="figures/${name}"`), name);
  assert.match(page, /<dd>2<\/dd>/, 'highly variable genes');
  assert.match(page, /<th scope="row">encodings<\/th><td>rank\.kind<\/td><td>rank<\/td>/);
  assert.doesNotMatch(page, /somewhere|atlas\.h5ad/);
  assert.match(page, /Euclidean distance in the embedding expressionUmap, 5 dimensions: UMAP/);
});

test('writes the same bytes again', async () => {
  const [a, b] = [await runStage(report, config, '', inputs()), await runStage(report, config, '', inputs())];
  assert.equal(await a.html.read(), await b.html.read());
  for (const name of await a.figures.list()) {
    assert.deepEqual(await a.figures.read(name), await b.figures.read(name), name);
  }
});

test('the place of the data is no part of what the page depends on', () => {
  const full = (source: string) =>
    withDefaults(report, { ...config, dataset: { ...config.dataset, source } }) as never;
  assert.deepEqual(report.params(full('/a/x.h5ad'), ''), report.params(full('b/y.h5ad'), ''));
  assert.notDeepEqual(report.params(full('simulated'), ''), report.params(full('b/y.h5ad'), ''));
});

test('draws the companion of an embedding that has one', () => {
  const umap = { method: 'umap', of: 'expression', companion2d: true };
  const embeddings = { a: { ...umap, dims: 5 }, b: { ...umap, dims: 2 } };
  const full = withDefaults(report, { ...config, embeddings }) as never;
  assert.deepEqual(
    report.inputs(full, '').embeddings.map(({ ref }) => ref),
    ['embed[a].companion', 'embed[b].embedding'],
  );
  const [a, b] = report.params(full, '').embeddings;
  assert.equal(a.companionOf, 5);
  assert.equal(b.companionOf, undefined);
});

test('stops between figures when told to', async () => {
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(runStage(report, config, '', inputs(), { signal: stop.signal }), {
    name: 'AbortError',
  });
});
