import assert from 'node:assert/strict';
import test from 'node:test';
import type { Embedding } from '../../lib/formats/types.ts';
import neighbors from '../../stages/neighbors.ts';
import { useKernels } from '../helpers/kernels.ts';
import { runStage } from '../helpers/run-stage.ts';
import { pairValue, randomRows } from '../pairwise/oracle.ts';

useKernels();

const config = {
  encodings: { expression: {} },
  embeddings: {
    a: { method: 'umap', of: 'expression', neighbors: 15, metric: 'euclidean' },
    b: { method: 'umap', of: 'expression' },
    c: { method: 'umap', of: 'pcs', neighbors: 3, metric: 'cosine' },
    pcs: { method: 'pca', of: 'expression' },
    d: { method: 'imported', from: 'obsm/X' },
  },
} as const;

function embeddingOf(rows: number[][]) {
  const embedding: Embedding = {
    cellIds: rows.map((_, i) => `cell ${i}`),
    labels: rows.map(() => null),
    dims: rows[0].length,
    values: Float32Array.from(rows.flat()),
  };
  return { kind: 'embedding', read: async () => embedding };
}

test('there is one instance for each request, shared by embeddings that ask for the same', () => {
  assert.deepEqual(neighbors.each!(config), ['expression-euclidean-15', 'pcs-cosine-3']);
  assert.deepEqual(neighbors.params(config, 'pcs-cosine-3'), { metric: 'cosine', k: 3 });
  assert.equal(neighbors.inputs(config, 'pcs-cosine-3').rows.ref, 'embed[pcs].embedding');
  assert.equal(neighbors.inputs(config, 'expression-euclidean-15').rows.ref, 'encode[expression].encoded');
});

test('measures ask for one more than the largest k of purity, and share with embeddings', () => {
  const more = {
    ...config,
    measures: {
      m: { of: 'expression', metric: 'spearman-union' },
      n: { of: 'expression', metric: 'euclidean' },
      o: { of: 'c', metric: 'euclidean' },
    },
  } as const;
  const found = (k: number[]) => neighbors.each!({ ...more, purity: { k } });
  assert.deepEqual(found([5, 14]), [
    'expression-euclidean-15',
    'pcs-cosine-3',
    'expression-spearman-union-15',
    'c-euclidean-15',
  ]);
  assert.deepEqual(found([]), neighbors.each!(config));
});

test('rows without a value are named', async () => {
  const rows = [...randomRows(3, 400, 4, 1), [0, 0, 0, 0], [1, 2, 3, 4], [0, 0, 0, 0]];
  const measures = { m: { of: 'x', metric: 'cosine' } } as const;
  const { without_value } = await runStage(
    neighbors,
    { embeddings: { x: {} }, measures, purity: { k: [4] } },
    'x-cosine-5',
    { rows: embeddingOf(rows) },
  );
  assert.deepEqual(await without_value.read(), [400, 402]);
});

test('neighbours are exact over several parts', async () => {
  const rows = randomRows(1, 4500, 2, 1, (random) => random.float64());
  const { neighbors: made } = await runStage(neighbors, config, 'expression-euclidean-15', {
    rows: embeddingOf(rows),
  });
  const { k, cellIds, indices, distances } = await made!.read();
  assert.equal(k, 15);
  assert.equal(cellIds[4499], 'cell 4499');
  for (let i = 0; i < rows.length; i += 97) {
    const expected = rows
      .map((row, j) => ({ j, d: i === j ? -1 : Math.fround(pairValue('euclidean', rows[i], row)) }))
      .sort((a, b) => a.d - b.d || a.j - b.j)
      .slice(0, k);
    assert.deepEqual(
      [...indices.subarray(i * k, (i + 1) * k)],
      expected.map(({ j }) => j),
    );
    for (let slot = 1; slot < k; slot++) {
      const { d } = expected[slot];
      assert.ok(Math.abs(distances[i * k + slot] - d) <= 1e-6 * d);
    }
  }
});

test('with fewer cells than neighbours, every cell has all cells', async () => {
  for (const n of [1, 4]) {
    const { neighbors: made } = await runStage(neighbors, config, 'expression-euclidean-15', {
      rows: embeddingOf(randomRows(2, n, 3, 1)),
    });
    const { k, indices } = await made!.read();
    assert.equal(k, n);
    assert.equal(indices.length, n * n);
    for (let i = 0; i < n; i++) assert.equal(indices[i * n], i);
  }
});
