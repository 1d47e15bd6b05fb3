/** load, subset, hvg, encode and similarity on a real file: numbers of scipy and numpy for all pairs of types. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { Metric } from '../../lib/pairwise/spaces/metric.ts';
import encode from '../../stages/encode.ts';
import hvg from '../../stages/hvg.ts';
import load from '../../stages/load.ts';
import similarity from '../../stages/similarity.ts';
import subset from '../../stages/subset.ts';
import { shared, skip } from '../encodings/pbmc3k.ts';
import { useKernels } from '../helpers/kernels.ts';
import { runStage, withDefaults } from '../helpers/run-stage.ts';

useKernels();

interface Described {
  n: number;
  mean: number;
  quantiles: number[];
}

interface Golden {
  cells: number;
  genes: number;
  measures: Record<
    Metric,
    { pairs: [string, string, Described][]; within: Described; between: Described; auroc: number }
  >;
}

const golden: Golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../golden/pairwise/pairs.json'), 'utf8'),
);

test('all type pairs of pbmc3k equal scipy and numpy in every metric', { skip }, async () => {
  const source = join(shared, 'data', 'pbmc3k.h5ad');
  const config = withDefaults(load, {
    dataset: { source, label: 'cell_type' },
    subset: {
      minGenes: null,
      minCounts: null,
      maxMitoPercent: null,
      minCellsPerGene: 50,
      minCellsPerType: 1,
      cellsPerType: null,
    },
    hvg: { flavor: 'none' },
    encodings: { counts: { kind: 'counts' }, rank: { kind: 'rank' } },
    embeddings: {},
    measures: {
      spearman: { of: 'rank', metric: 'spearman' },
      'spearman-of-counts': { of: 'counts', metric: 'spearman' },
      'pearson-of-ranks': { of: 'rank', metric: 'pearson' },
      pearson: { of: 'counts', metric: 'pearson' },
      cosine: { of: 'counts', metric: 'cosine' },
      euclidean: { of: 'counts', metric: 'euclidean' },
    },
  });
  const loaded = await runStage(load, config, '', { source });
  const chosen = await runStage(subset, config, '', { source, ...loaded });
  const { genes } = await runStage(hvg, config, '', { ...chosen });
  const encoded = async (name: string) =>
    (await runStage(encode, config, name, { counts: chosen.counts, sample: chosen.sample, genes })).encoded!;
  const rows: Record<string, Awaited<ReturnType<typeof encoded>>> = {
    counts: await encoded('counts'),
    rank: await encoded('rank'),
  };
  const measures = config.measures as Record<string, { of: string; metric: Metric }>;
  for (const [name, { of }] of Object.entries(measures)) {
    const metric = name.startsWith('spearman') || name === 'pearson-of-ranks' ? 'spearman' : (name as Metric);
    const expected = golden.measures[metric];
    const made = await runStage(similarity, config, name, { rows: rows[of], sample: chosen.sample });
    const pairs = await made.pairs!.read();
    const distribution = await made.distribution!.read();
    assert.equal(distribution.genes_used, golden.genes);
    assert.equal(distribution.cells, golden.cells);
    const near = (found: number | null, value: number, what: string) => {
      const tolerance = metric === 'euclidean' ? 3e-7 * value : 1e-7;
      assert.ok(Math.abs(found! - value) <= tolerance, `${name}, ${what}: ${found}, expected ${value}`);
    };
    for (const [i, [a, b, group]] of expected.pairs.entries()) {
      assert.deepEqual([pairs.type_a[i], pairs.type_b[i], pairs.within[i]], [a, b, a === b]);
      assert.equal(pairs.n_pairs[i], group.n);
      near(pairs.mean[i], group.mean, `mean of ${a}, ${b}`);
      for (const [q, column] of [pairs.q05, pairs.q25, pairs.median, pairs.q75, pairs.q95].entries()) {
        near(column[i], group.quantiles[q], `quantile ${q} of ${a}, ${b}`);
      }
    }
    assert.equal(pairs.type_a.length, expected.pairs.length);
    for (const scope of ['within', 'between'] as const) {
      const { n, mean, q05, q25, median, q75, q95 } = distribution[scope];
      assert.equal(n, expected[scope].n);
      near(mean, expected[scope].mean, `mean ${scope}`);
      for (const [q, value] of [q05, q25, median, q75, q95].entries()) {
        near(value, expected[scope].quantiles[q], `quantile ${q} ${scope}`);
      }
    }
    assert.ok(distribution.auroc_error_bound! <= 1e-6, `bound ${distribution.auroc_error_bound}`);
    // Beside the bound: values in 32 bits tie where those in 64 bits differ in their last digits.
    const off = Math.abs(distribution.auroc! - expected.auroc);
    assert.ok(off <= distribution.auroc_error_bound! + 1e-8, `${name}: AUROC is off by ${off}`);
  }
});
