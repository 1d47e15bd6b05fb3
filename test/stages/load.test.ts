import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { z } from 'zod';
import { problemsOf } from '../../lib/config/issues.ts';
import load from '../../stages/load.ts';
import { writeH5ad } from '../helpers/h5ad.ts';
import { runStage } from '../helpers/run-stage.ts';
import { refusal } from '../helpers/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'rankloom-load-'));
after(() => rmSync(folder, { recursive: true }));

async function run(path: string, dataset: Record<string, unknown> = {}) {
  const outputs = await runStage(load, { dataset: { source: path, label: 'cell_type', ...dataset } }, '', {
    source: path,
  });
  return {
    cells: await outputs.cells.read(),
    genes: await outputs.genes.read(),
    catalog: await outputs.catalog.read(),
  };
}

test('catalogues cells and genes', async () => {
  const path = await writeH5ad(join(folder, 'small.h5ad'), {
    x: [
      [3, 0, 1, 0],
      [0, 0, 0, 0],
      [1, 2, 0, 4],
    ],
    genes: ['MT-CO1', 'MT1X', 'g', 'h'],
    cells: ['a', 'b', 'c'],
    obs: { cell_type: ['T', null, 'T'], donor: ['d1', 'd2', 'd1'] },
    var: { highly_variable: [1, 0, 0, 1] },
  });
  const { cells, genes, catalog } = await run(path, { batch: 'donor' });
  assert.deepEqual(catalog, { matrix: 'X', cells: 3, genes: 4, nnz: 5 });
  assert.deepEqual(cells, {
    cell_id: ['a', 'b', 'c'],
    label: ['T', null, 'T'],
    batch: ['d1', 'd2', 'd1'],
    total_counts: Float64Array.of(4, 0, 7),
    n_genes: Int32Array.of(2, 0, 3),
    mito_percent: Float64Array.of(75, Number.NaN, 100 / 7),
    sparsity: Float64Array.of(0.5, 1, 0.25),
  });
  assert.deepEqual(genes, {
    gene_id: ['MT-CO1', 'MT1X', 'g', 'h'],
    gene_name: [null, null, null, null],
    annotated: [true, false, false, true],
    mito: [true, false, false, false],
    n_cells: Int32Array.of(2, 1, 1, 1),
    total_counts: Float64Array.of(4, 2, 1, 4),
  });
});

test('mitochondrial genes are found by name beside Ensembl ids; without any, the share is unknown', async () => {
  const x = [[1, 3]];
  const obs = { cell_type: ['T'] };
  const genes = ['ENSG00000000001', 'ENSG00000000002'];
  const named = await writeH5ad(join(folder, 'named.h5ad'), {
    x,
    obs,
    genes,
    var: { gene_symbol: { text: ['mt-Nd1', 'Mt2'] } },
  });
  const found = await run(named);
  assert.deepEqual(found.genes.mito, [true, false]);
  assert.deepEqual(found.cells.mito_percent, Float64Array.of(25));
  const bare = await writeH5ad(join(folder, 'bare.h5ad'), { x, obs, genes });
  assert.deepEqual((await run(bare)).cells.mito_percent, Float64Array.of(Number.NaN));
});

test('params hold neither the path nor, for a simulation, the options of a file', () => {
  const of = (dataset: Record<string, unknown>) => {
    const parsed = load.config?.dataset.parse(dataset);
    return load.params({ dataset: parsed } as never, '');
  };
  assert.deepEqual(of({ source: '/data/a.h5ad', label: 'x' }), of({ source: 'b.h5ad', label: 'x' }));
  assert.notDeepEqual(of({ source: 'a.h5ad', label: 'x' }), of({ source: 'a.h5ad', label: 'y' }));
  assert.ok(!JSON.stringify(of({ source: 'simulated' })).includes('label'));
});

test('problems are those of the source that is chosen', () => {
  const schema = z.strictObject(load.config ?? {});
  const problems = (dataset: unknown) => problemsOf(schema, { dataset }).map(({ message }) => message);
  const known = (dataset: unknown) => problemsOf(schema, { dataset })[0].known ?? [];
  assert.deepEqual(problems({ source: 'a.h5ad', cells: 3 }), ['unknown key "cells" in dataset']);
  assert.ok(known({ source: 'a.h5ad', lable: 'x' }).includes('label'));
  assert.deepEqual(problems({ source: 'simulated', label: 'x' }), ['unknown key "label" in dataset']);
  assert.ok(known({ source: 'simulated', cels: 3 }).includes('cells'));
  assert.match(
    problems({ source: 'simulated', cells: 'many' })[0],
    /dataset\.cells: expected a whole number/,
  );
  assert.match(problems({ source: 'a.h5ad', matrix: 'Y' })[0], /dataset\.matrix: expected 'auto', 'X'/);
  assert.match(problems({ source: 3 })[0], /dataset/);
  assert.deepEqual(problems(undefined), []);
  assert.deepEqual(problems({ cells: 100 }), []);
});

test('runs on simulated cells without a file', async () => {
  const outputs = await runStage(load, { dataset: { source: 'simulated', cells: 50, genes: 60, types: 3 } });
  const { cells, genes, matrix } = await outputs.catalog.read();
  assert.deepEqual([cells, genes, matrix], [50, 60, 'simulated']);
});

test('a wrong label column is refused before anything is written', async () => {
  const path = await writeH5ad(join(folder, 'label.h5ad'), { x: [[1]], obs: { cell_type: ['T'] } });
  assert.match((await refusal(() => run(path, { label: 'type' }))).message, /obs has no column "type"/);
});

const pbmc3k = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'pbmc3k.h5ad');
const skip = existsSync(pbmc3k) ? false : 'the shared data (../shared/data) are not here';

// Values of scanpy's calculate_qc_metrics on the same file, which computes in float32.
test("pbmc3k: scanpy's totals, detected genes and mitochondrial shares", { skip }, async () => {
  const { cells, genes, catalog } = await run(pbmc3k);
  assert.equal(catalog.nnz, 2238732);
  const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);
  assert.equal(sum(cells.total_counts), 6254880);
  assert.equal(sum(cells.n_genes), 2238732);
  assert.ok(Math.abs(sum(cells.mito_percent) - 5583.5073) < 0.001);
  for (const [cell, share] of [
    [0, 3.0177760124206543],
    [1000, 2.6178009510040283],
    [2637, 0.8064515590667725],
  ]) {
    assert.ok(Math.abs(cells.mito_percent[cell] - share) < 1e-6);
  }
  const at = [0, 100, 5000];
  assert.deepEqual(
    at.map((gene) => genes.n_cells[gene]),
    [9, 4, 104],
  );
  assert.deepEqual(
    at.map((gene) => genes.total_counts[gene]),
    [9, 4, 107],
  );
  assert.equal(genes.mito.filter(Boolean).length, 13);
});
