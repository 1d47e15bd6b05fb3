import assert from 'node:assert/strict';
import test from 'node:test';
import diagnose from '../../stages/diagnose.ts';
import { ensemblIds, geneformerOptions, someCounts } from '../encodings/encode.ts';
import { encodedStudy, type Study } from '../evaluation/diagnostics/study.ts';
import { runStage, withDefaults } from '../helpers/run-stage.ts';

async function diagnosed(study: Study, seed = 0) {
  const { config, inputs } = await encodedStudy(study);
  const { cells, diagnostics } = await runStage(diagnose, config, 'it', inputs, { seed });
  const t = await diagnostics.read();
  const row = (diagnostic: string, scope: string, label: string | null = null) => {
    const i = t.diagnostic.findIndex(
      (_, k) => t.diagnostic[k] === diagnostic && t.scope[k] === scope && t.label[k] === label,
    );
    return i < 0 ? undefined : { n: t.n[i], value: t.value[i], median: t.median[i] };
  };
  return { cells: await cells.read(), row };
}

const rows = someCounts(20, 80, 5);
const labels = rows.map((_, i) => 'ABBA'[i % 4]);

test('cells stand in their order, and the long table has them over all, by type and together', async () => {
  const { cells, row } = await diagnosed({ rows, labels, options: { kind: 'cell2sentence', top: 10 } });
  assert.deepEqual(cells.label, labels);
  assert.deepEqual(
    [...cells.genes_encoded],
    rows.map((r) => Math.min(10, r.filter((x) => x > 0).length)),
  );
  const share = (r: number[]) => 1 - 10 / r.filter((x) => x > 0).length;
  for (const [i, r] of rows.entries()) assert.ok(Math.abs(cells.cut_genes[i] - share(r)) < 1e-12);
  const mean = (some: number[][]) => some.reduce((sum, r) => sum + share(r), 0) / some.length;
  assert.ok(Math.abs(row('cut_genes', 'cells')!.value - mean(rows)) < 1e-12);
  const ofB = row('cut_genes', 'type', 'B')!;
  assert.equal(ofB.n, 10);
  assert.ok(Math.abs(ofB.value - mean(rows.filter((_, i) => labels[i] === 'B'))) < 1e-12);
  assert.ok(Number.isNaN(row('cut_genes', 'pooled')!.median));
  assert.deepEqual([row('truncated', 'cells')!.value, row('truncated', 'type', 'A')!.value], [1, 1]);
  assert.equal(row('redrawn', 'cells'), undefined, 'nothing is drawn');
  assert.equal(row('median_kendall', 'cells'), undefined, 'there are no medians');
  assert.equal(row('spearman_ochiai_r2', 'pairs')!.n, (20 * 19) / 2);
  assert.equal(row('sparsity_similarity', 'type', 'A')!.n, 10);
});

test('what the encoding ranks, the similarity within types is of', async () => {
  const { cells, row } = await diagnosed({ rows, labels, options: { kind: 'rank' } });
  const { cells: sameOrder } = await diagnosed({ rows, labels, options: { kind: 'counts' } });
  assert.deepEqual([...cells.within_similarity], [...sameOrder.within_similarity]);
  // The mean over cells of their means, all types being of one size, is the mean over pairs.
  const overPairs = row('spearman', 'pairs_within')!.value;
  assert.ok(Math.abs(row('within_similarity', 'cells')!.value - overPairs) < 1e-6);
});

test('medians, chance and dimensions bring diagnostics of their own, or none', async () => {
  const ids = ensemblIds(80);
  const geneformer = geneformerOptions(rows[0].map((_, g) => 1 + (g % 3)));
  const medians = await diagnosed({ rows, labels, ids, options: geneformer });
  assert.ok(medians.row('median_kendall', 'cells')!.value < 1);
  const digits = await diagnosed({ rows, labels, options: { kind: 'scgpt' } });
  assert.ok(digits.row('redrawn', 'pooled')!.value > 0.3);
  const another = await diagnosed({ rows, labels, options: { kind: 'scgpt' } }, 9);
  assert.notDeepEqual([...digits.cells.redrawn], [...another.cells.redrawn]);
});

test('cells without counts and types of one cell have nulls and break nothing', async () => {
  const few = [
    [0, 0, 0, 0],
    [3, 1, 0, 2],
    [2, 2, 2, 2],
    [0, 4, 0, 0],
  ];
  const study = { rows: few, labels: ['A', 'A', 'A', 'lone'] };
  for (const kind of ['lognorm', 'rank', 'cell2sentence', 'scgpt', 'uce']) {
    const { cells, row } = await diagnosed({ ...study, options: { kind, genes: 'all' } });
    assert.ok(Number.isNaN(cells.tie_mass[0]) && Number.isNaN(cells.within_similarity[3]), kind);
    assert.equal(cells.sparsity[0], 1);
    assert.ok(Number.isNaN(row('sparsity_similarity', 'type', 'lone')!.value));
  }
});

test('nothing is diagnosed where the config says null', () => {
  const config = { encodings: { it: { kind: 'rank' } } };
  assert.deepEqual(diagnose.each!(withDefaults(diagnose, config) as never), ['it']);
  assert.deepEqual(diagnose.each!({ ...config, diagnostics: null } as never), []);
});
