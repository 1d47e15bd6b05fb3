import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { simulatedSource } from '../../lib/cells/simulated/simulate.ts';
import type { Columns } from '../../lib/data/kinds/types.ts';
import type { OperationalError } from '../../lib/errors.ts';
import load from '../../stages/load.ts';
import subset from '../../stages/subset.ts';
import { runStage, withDefaults } from '../helpers/run-stage.ts';

const { dataset } = withDefaults(load, {
  dataset: { source: 'simulated', cells: 700, genes: 400, types: 5, batches: 2, depth: 150 },
}) as { dataset: Parameters<typeof simulatedSource>[0] };
const loaded = await runStage(load, { dataset });
const cells = await loaded.cells.read();
const genes = await loaded.genes.read();
const counts = await dense();

type Options = Record<string, number | null>;
const OPEN = {
  minGenes: null,
  minCounts: null,
  maxMitoPercent: null,
  minCellsPerGene: null,
  minCellsPerType: null,
  cellsPerType: null,
};

/** Runs the stage on the simulated atlas; `table` replaces what load says of the cells. */
function run(options: Options, more: { seed?: number; table?: Partial<Columns<typeof cellSchema>> } = {}) {
  const table = { ...cells, ...more.table };
  const handles = {
    cells: { kind: 'table', read: async () => table },
    genes: loaded.genes,
    choices: loaded.choices,
  };
  return runStage(subset, { dataset, subset: { ...OPEN, ...options } }, '', handles, { seed: more.seed });
}
const cellSchema = { label: 'utf8?', mito_percent: 'float64?' } as const;

async function dense(): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for await (const block of simulatedSource(dataset).rows()) {
    for (let i = 0; i < block.rows; i++) {
      const row = new Float32Array(block.columns);
      for (let j = block.indptr[i]; j < block.indptr[i + 1]; j++) row[block.indices[j]] = block.values[j];
      rows.push(row);
    }
  }
  return rows;
}

async function outputs(made: Awaited<ReturnType<typeof run>>) {
  const reader = await made.counts.open();
  const [all, sample, kept, matrix, cellIds] = await Promise.all([
    made.cells.read(),
    made.sample.read(),
    made.genes.read(),
    reader.readAll(),
    reader.cellIds(),
  ]);
  await reader.close();
  return { all, sample, kept, matrix, cellIds, metadata: reader.metadata };
}

suite('subset', () => {
  test('without limits keeps every cell and gene as they are', async () => {
    const { all, sample, kept, matrix, cellIds, metadata } = await outputs(await run({}));
    assert.deepEqual(cellIds, cells.cell_id);
    assert.deepEqual(sample.cell_id, cells.cell_id);
    assert.deepEqual(kept.gene_id, genes.gene_id);
    assert.deepEqual(kept.n_cells, genes.n_cells);
    assert.deepEqual(kept.total_counts, genes.total_counts);
    assert.deepEqual([matrix.rows, matrix.columns], [700, 400]);
    assert.ok(all.passing.every(Boolean) && all.sampled.every(Boolean));
    assert.deepEqual(metadata, { genesUsed: 400, layout: 'sparse', value: 'counts' });
    for (const [i, row] of counts.entries()) {
      const [from, to] = [matrix.indptr[i], matrix.indptr[i + 1]];
      const again = new Float32Array(400);
      for (let j = from; j < to; j++) again[matrix.indices[j]] = matrix.values[j];
      assert.deepEqual(again, row);
    }
  });

  test('samples passing cells of large enough types, in the order of the source', async () => {
    const options = { minGenes: 50, maxMitoPercent: 15, minCellsPerType: 100, cellsPerType: 40 };
    const { all, sample, matrix, cellIds } = await outputs(await run(options));
    const passing = cells.cell_id.map((_, i) => cells.n_genes[i] >= 50 && !(cells.mito_percent[i] > 15));
    assert.deepEqual(all.passing, passing);
    assert.ok(passing.includes(false));
    assert.equal(all.cell_id.length, 700);

    const count = (label: string | null, of: readonly boolean[]) =>
      cells.label.filter((other, i) => other === label && of[i]).length;
    for (const label of new Set(cells.label)) {
      assert.equal(count(label, all.sampled), count(label, passing) >= 100 ? 40 : 0, `${label}`);
    }
    assert.deepEqual(
      cellIds,
      cells.cell_id.filter((_, i) => all.sampled[i]),
    );
    assert.deepEqual(sample.cell_id, cellIds);
    assert.deepEqual(
      sample.label,
      cells.label.filter((_, i) => all.sampled[i]),
    );
    assert.deepEqual(
      [...sample.n_genes],
      [...cells.n_genes].filter((_, i) => all.sampled[i]),
    );
    assert.equal(matrix.rows, cellIds.length);
  });

  test('keeps genes detected in enough passing cells, whether sampled or not', async () => {
    const options = { minGenes: 60, minCellsPerGene: 30, cellsPerType: 10 };
    const { all, kept, matrix, cellIds } = await outputs(await run(options));
    const expected = genes.gene_id.filter(
      (_, g) => counts.filter((row, i) => all.passing[i] && row[g] > 0).length >= 30,
    );
    assert.ok(expected.length > 0 && expected.length < 400);
    assert.deepEqual(kept.gene_id, expected);
    assert.equal(matrix.columns, expected.length);

    const rows = cellIds.map((id) => counts[cells.cell_id.indexOf(id)]);
    for (const [column, id] of expected.entries()) {
      const g = genes.gene_id.indexOf(id);
      const stored = matrix.indices.filter((index) => index === column).length;
      assert.equal(stored, rows.filter((row) => row[g] > 0).length);
      assert.equal(kept.n_cells[column], stored);
      assert.equal(
        kept.total_counts[column],
        rows.reduce((sum, row) => sum + row[g], 0),
      );
      assert.equal(kept.gene_name[column], genes.gene_name[g]);
      assert.equal(kept.annotated[column], genes.annotated[g]);
    }
  });

  test('keeps the same kind of genes when every cell passes and the catalogue tells', async () => {
    const { kept } = await outputs(await run({ minCellsPerGene: 30 }));
    assert.deepEqual(
      kept.gene_id,
      genes.gene_id.filter((_, g) => genes.n_cells[g] >= 30),
    );
  });

  test('drops cells without a label', async () => {
    const label = cells.label.map((one, i) => (i < 50 ? null : one));
    const { all, sample } = await outputs(await run({}, { table: { label } }));
    assert.equal(all.passing.filter((passes) => !passes).length, 50);
    assert.equal(sample.cell_id.length, 650);
    assert.equal(all.label[0], null);
  });

  test('lets cells pass whose mitochondrial share is unknown', async () => {
    const table = { mito_percent: new Float64Array(700).fill(Number.NaN) };
    const { all } = await outputs(await run({ maxMitoPercent: 1 }, { table }));
    assert.ok(all.passing.every(Boolean));
    assert.ok(all.mito_percent.every(Number.isNaN));
  });

  test('draws the same cells for a seed and others for another', async () => {
    const ids = async (seed: number) =>
      (await (await run({ cellsPerType: 20 }, { seed })).sample.read()).cell_id;
    assert.deepEqual(await ids(3), await ids(3));
    assert.notDeepEqual(await ids(3), await ids(4));
  });

  test('tells how far it is, through both passes', async () => {
    const seen: number[] = [];
    const handles = { cells: loaded.cells, genes: loaded.genes, choices: loaded.choices };
    const config = { dataset, subset: { ...OPEN, minGenes: 60, minCellsPerGene: 3 } };
    await runStage(subset, config, '', handles, {
      onProgress: (done, total) => {
        assert.equal(total, 1400);
        seen.push(done);
      },
    });
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );
    assert.equal(seen.at(-1), 1400);
  });

  test('says what to do when no type is large enough', async () => {
    await assert.rejects(run({ minCellsPerType: 5000 }), (error: OperationalError) => {
      assert.equal(error.kind, 'data');
      assert.equal(error.where, 'config: subset.minCellsPerType');
      assert.match(error.hint ?? '', /"A1" \d+/);
      return true;
    });
  });

  test('says what to do when no gene is left', async () => {
    await assert.rejects(run({ minCellsPerGene: 701 }), /none of the 400 genes is detected in 701/);
  });

  test('has defaults, sees no path, and refuses what it does not know', () => {
    const config = withDefaults(subset, { dataset: { source: 'atlas.h5ad', label: 'type' } });
    assert.deepEqual(config.subset, {
      minGenes: 200,
      minCounts: 0,
      maxMitoPercent: 20,
      minCellsPerGene: 3,
      minCellsPerType: 500,
      cellsPerType: 500,
    });
    assert.doesNotMatch(JSON.stringify(subset.params(config as never, '')), /atlas/);
    assert.throws(() => withDefaults(subset, { subset: { minGene: 3 } }), /minGene/);
    assert.throws(() => withDefaults(subset, { subset: { cellsPerType: 0 } }));
  });
});
