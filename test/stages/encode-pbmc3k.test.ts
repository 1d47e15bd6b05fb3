/** load, subset and encode on a real file: Geneformer's tokens are those of the published procedure. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import encode from '../../stages/encode.ts';
import load from '../../stages/load.ts';
import subset from '../../stages/subset.ts';
import { golden, shared, skip } from '../encodings/pbmc3k.ts';
import { runStage, withDefaults } from '../helpers/run-stage.ts';

test('Geneformer V1 on pbmc3k.h5ad, from file to tokens, equals the published procedure', {
  skip,
}, async () => {
  const source = join(shared, 'data', 'pbmc3k.h5ad');
  const models = join(shared, 'models', 'geneformer_gc30M');
  const dictionaries = {
    tokens: join(models, 'token_dictionary_gc30M.json'),
    medians: join(models, 'gene_median_dictionary_gc30M.json'),
  };
  const config = withDefaults(load, {
    dataset: { source, label: 'cell_type', geneId: 'ensembl_id' },
    subset: {
      minGenes: null,
      minCounts: null,
      maxMitoPercent: null,
      minCellsPerGene: null,
      minCellsPerType: 1,
      cellsPerType: null,
    },
    encodings: { geneformer: { kind: 'geneformer', ...dictionaries } },
  });
  const loaded = await runStage(load, config, '', { source });
  const chosen = await runStage(subset, config, '', { source, ...loaded });
  const { tokens, encoded } = await runStage(encode, config, 'geneformer', {
    counts: chosen.counts,
    genes: chosen.genes,
    sample: chosen.sample,
    'file.tokens': dictionaries.tokens,
    'file.medians': dictionaries.medians,
  });
  const { lists, cellIds } = await tokens!.read();
  assert.equal(cellIds[0], 'AAACATACAACCAC-1');
  const expected =
    golden<Record<string, { lists: Record<string, number[]>; lengths_sum: number }>>('geneformer.json').V1;
  for (const [cell, list] of Object.entries(expected.lists)) assert.deepEqual([...lists[Number(cell)]], list);
  assert.equal(
    lists.reduce((sum, list) => sum + list.length, 0),
    expected.lengths_sum,
  );
  const matrix = await encoded!.open();
  assert.equal(matrix.metadata.genesUsed, 11960);
  assert.equal(matrix.nnz, expected.lengths_sum);
  await matrix.close();
});
