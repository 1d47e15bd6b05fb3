import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { matrix } from '../../lib/data/kinds/matrix.ts';
import hvg from '../../stages/hvg.ts';
import { runStage, scratchFolder, withDefaults } from '../helpers/run-stage.ts';

const CELLS = 40;
const GENES = 30;

/** Small counts; gene g is detected in more cells the larger g is, gene 0 in none. */
async function inputs(
  annotated: (boolean | null)[] = new Array(GENES).fill(null),
  problem: string | null = null,
) {
  const path = `${scratchFolder()}/counts.arrow`;
  const writer = await matrix()
    .output(path)
    .create({ columns: GENES, metadata: { genesUsed: GENES, layout: 'sparse', value: 'counts' } });
  const value = (i: number, g: number) => ((i * 7 + g * 3) % GENES < g ? 1 + ((i * g) % 4) : 0);
  const rows = Array.from({ length: CELLS }, (_, i) =>
    Array.from({ length: GENES }, (_, g) => [g, value(i, g)]).filter(([, v]) => v > 0),
  );
  const indptr = new Uint32Array(CELLS + 1);
  for (const [i, row] of rows.entries()) indptr[i + 1] = indptr[i] + row.length;
  const indices = Int32Array.from(rows.flat(), ([g]) => g);
  const values = Float32Array.from(rows.flat(), ([, v]) => v);
  await writer.append(
    {
      rows: CELLS,
      columns: GENES,
      indptr,
      indices,
      values,
    },
    rows.map((_, i) => `c${i}`),
  );
  await writer.close();
  const genes = {
    gene_id: Array.from({ length: GENES }, (_, g) => `g${g}`),
    gene_name: Array.from({ length: GENES }, (_, g) => (g === 3 ? null : `G${g}`)),
    annotated,
    n_cells: Int32Array.from({ length: GENES }, (_, g) => indices.filter((index) => index === g).length),
    total_counts: new Float64Array(GENES).fill(5),
  };
  const batch = rows.map((_, i) => (i % 2 === 0 ? 'x' : 'y'));
  return {
    counts: matrix().input(path),
    annotation: { kind: 'json', read: async () => ({ problem }) },
    genes: { kind: 'table', read: async () => genes },
    sample: { kind: 'table', read: async () => ({ cell_id: batch.map((_, i) => `c${i}`), batch }) },
  };
}

async function run(options: object, annotated?: (boolean | null)[]) {
  const made = await runStage(hvg, { hvg: options }, '', await inputs(annotated));
  return made.genes.read();
}
const chosen = (table: { highly_variable: boolean[] }) => table.highly_variable.filter(Boolean).length;

suite('hvg', () => {
  test('takes the annotated genes by default, without statistics', async () => {
    const table = await run(
      {},
      Array.from({ length: GENES }, (_, g) => g % 3 === 0),
    );
    assert.equal(chosen(table), 10);
    assert.deepEqual(table.gene_id.slice(0, 2), ['g0', 'g1']);
    assert.equal(table.gene_name[3], null);
    assert.ok(table.means.every(Number.isNaN) && table.dispersions_norm.every(Number.isNaN));
  });

  test('without annotation says to choose from the counts', async () => {
    await assert.rejects(run({}), { kind: 'data', hint: /hvg.flavor to 'seurat'/ } as never);
  });

  test('says why an annotation cannot be used, and runs without it by another flavour', async () => {
    const problem = `var['highly_variable'] holds "yes", which is no boolean`;
    const given = await inputs(undefined, problem);
    await assert.rejects(runStage(hvg, { hvg: {} }, '', given), { kind: 'data', message: problem });
    await runStage(hvg, { hvg: { flavor: 'none' } }, '', given);
  });

  test('keeps all genes with none', async () => {
    assert.equal(chosen(await run({ flavor: 'none' })), GENES);
  });

  test('ranks genes by seurat, with missing values for a gene without counts', async () => {
    const table = await run({ flavor: 'seurat', top: 8 });
    assert.ok(chosen(table) >= 8 && chosen(table) < 12, `${chosen(table)}`);
    assert.ok(Number.isNaN(table.dispersions[0]) && Number.isNaN(table.dispersions_norm[0]));
    assert.equal(table.highly_variable[0], false);
    const scores = [...table.dispersions_norm];
    const threshold = Math.min(...scores.filter((_, g) => table.highly_variable[g]));
    assert.ok(scores.every((score, g) => table.highly_variable[g] || !(score >= threshold)));
  });

  test('within batches takes exactly as many as asked', async () => {
    const table = await run({ flavor: 'seurat', top: 8, batchAware: true });
    assert.equal(chosen(table), 8);
    assert.notDeepEqual(table.means, (await run({ flavor: 'seurat', top: 8 })).means);
  });

  test('without a number takes the genes within the cut-offs', async () => {
    const table = await run({ flavor: 'seurat', top: null, maxMean: 100, minDisp: 0.2 });
    for (let g = 0; g < GENES; g++) {
      const score = Number.isNaN(table.dispersions_norm[g]) ? 0 : table.dispersions_norm[g];
      assert.equal(table.highly_variable[g], table.means[g] > 0.0125 && table.means[g] < 100 && score > 0.2);
    }
  });

  test('refuses a choice of nothing', async () => {
    await assert.rejects(
      run({ flavor: 'seurat', top: null, minDisp: 1e6 }),
      /none of the 30 kept genes is highly variable/,
    );
  });

  test('depends on the counts only if it looks at them', () => {
    const slots = (options: object) => {
      const config = withDefaults(hvg, { hvg: options });
      return Object.entries(hvg.inputs(config as never, ''))
        .filter(([, input]) => input !== undefined)
        .map(([slot]) => slot);
    };
    assert.deepEqual(slots({}), ['genes', 'annotation']);
    assert.deepEqual(slots({ flavor: 'none' }), ['genes']);
    assert.deepEqual(slots({ flavor: 'seurat' }), ['counts', 'genes']);
    assert.deepEqual(slots({ flavor: 'seurat', batchAware: true }), ['counts', 'genes', 'sample']);
  });

  test('sees only the options that matter', () => {
    const params = (options: object) => hvg.params(withDefaults(hvg, { hvg: options }) as never, '');
    assert.deepEqual(params({ top: 5, bins: 7 }), { flavor: 'annotated' });
    assert.deepEqual(params({ flavor: 'seurat', minDisp: 1 }), {
      flavor: 'seurat',
      top: 2000,
      bins: 20,
      batchAware: false,
    });
    assert.equal((params({ flavor: 'seurat', top: null }) as { minDisp?: number }).minDisp, 0.5);
  });

  test('refuses flavours that it does not have', () => {
    assert.throws(() => withDefaults(hvg, { hvg: { flavor: 'seurat_v2' } }));
  });

  test('asks for a batch column when batches are to count', () => {
    const problems = (dataset: object, batchAware = true) => {
      const config = withDefaults(hvg, { dataset, hvg: { flavor: 'seurat', batchAware } });
      return hvg.check!(config as never).map(({ path }) => path.join('.'));
    };
    assert.deepEqual(problems({ source: 'a.h5ad', label: 't' }), ['hvg.batchAware']);
    assert.deepEqual(problems({ source: 'a.h5ad', label: 't', batch: 'donor' }), []);
    assert.deepEqual(problems({ source: 'simulated' }), []);
    assert.deepEqual(problems({ source: 'a.h5ad', label: 't' }, false), []);
  });
});
