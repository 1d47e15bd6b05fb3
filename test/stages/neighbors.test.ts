import assert from 'node:assert/strict';
import test from 'node:test';
import type { Embedding, Neighbors } from '../../lib/data/kinds/types.ts';
import { rowNumbers } from '../../lib/pairwise/spaces/open-space.ts';
import { sparseSpace } from '../../lib/pairwise/spaces/sparse-space.ts';
import neighbors from '../../stages/neighbors.ts';
import { useKernels } from '../helpers/kernels.ts';
import { memoryMatrix } from '../helpers/memory-matrix.ts';
import { nearestRows } from '../helpers/nearest-rows.ts';
import { runStage } from '../helpers/run-stage.ts';
import { pairValue, randomRows, toCsr } from '../pairwise/oracle.ts';

useKernels();

const config = {
  neighbors: { exactUpTo: null },
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
  assert.deepEqual(neighbors.params(config, 'pcs-cosine-3'), {
    metric: 'cosine',
    k: 3,
    fitCells: null,
    exactUpTo: null,
  });
  assert.equal(neighbors.inputs(config, 'pcs-cosine-3').rows!.ref, 'embed[pcs].embedding');
  assert.equal(neighbors.inputs(config, 'expression-euclidean-15').rows!.ref, 'encode[expression].encoded');
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

test('of instances in one space the widest searches, and the others hold the first of its lists', async () => {
  const rows = [...randomRows(4, 300, 4, 0.5, (random) => random.float64()), [0, 0, 0, 0]];
  const alone = {
    embeddings: {
      x: { method: 'pca', of: 'y' },
      u: { method: 'umap', of: 'x', neighbors: 7, metric: 'cosine' },
    },
  } as const;
  const both = { ...alone, measures: { m: { of: 'x', metric: 'cosine' } }, purity: { k: [19] } } as const;
  const config = { neighbors: { exactUpTo: null }, ...both };
  assert.equal(neighbors.inputs(config, 'x-cosine-20').rows!.ref, 'embed[x].embedding');
  const { wider, withoutValue } = neighbors.inputs(config, 'x-cosine-7');
  assert.equal(wider!.ref, 'neighbors[x-cosine-20].neighbors');
  assert.equal(withoutValue!.ref, 'neighbors[x-cosine-20].without_value');

  const wide = await runStage(neighbors, both, 'x-cosine-20', { rows: embeddingOf(rows) });
  const cut = await runStage(neighbors, both, 'x-cosine-7', {
    wider: wide.neighbors,
    withoutValue: wide.without_value,
  });
  const own = await runStage(neighbors, { ...both, ...alone, measures: {} }, 'x-cosine-7', {
    rows: embeddingOf(rows),
  });
  assert.deepEqual(await cut.neighbors.read(), await own.neighbors.read());
  assert.deepEqual(await cut.without_value.read(), await own.without_value.read());
});

test('rows without a value are named', async () => {
  const rows = [...randomRows(3, 400, 4, 1), [0, 0, 0, 0], [1, 2, 3, 4], [0, 0, 0, 0]];
  const measures = { m: { of: 'x', metric: 'cosine' } } as const;
  const { without_value } = await runStage(
    neighbors,
    { embeddings: { x: { method: 'imported' } }, measures, purity: { k: [4] } },
    'x-cosine-5',
    { rows: embeddingOf(rows) },
  );
  assert.deepEqual(await without_value.read(), [400, 402]);
});

/** Of some cells: neighbours are those that sorting all distances gives. */
function checkNearest(found: Neighbors, rows: number[][], distance: (a: number[], b: number[]) => number) {
  const { k, indices, distances } = found;
  for (let i = 0; i < rows.length; i += 97) {
    const expected = rows
      .map((row, j) => ({ j, d: i === j ? -1 : distance(rows[i], row) }))
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
}

test('neighbours in a plane are exact, also of more cells than exactUpTo', async () => {
  const rows = randomRows(1, 4500, 2, 1, (random) => random.float64());
  const { neighbors: made, recall } = await runStage(
    neighbors,
    { ...config, neighbors: { exactUpTo: 100 } },
    'expression-euclidean-15',
    { rows: embeddingOf(rows) },
  );
  const found = await made!.read();
  assert.equal(found.k, 15);
  assert.equal(found.cellIds[4499], 'cell 4499');
  assert.equal(recall, undefined);
  checkNearest(found, rows, (a, b) => Math.fround(pairValue('euclidean', a, b)));
});

test('neighbours are exact over several parts', async () => {
  const rows = randomRows(6, 8000, 3, 1, (random) => 1 + random.float64());
  const { neighbors: made } = await runStage(neighbors, config, 'pcs-cosine-3', { rows: embeddingOf(rows) });
  checkNearest(await made!.read(), rows, (a, b) => Math.fround(1 - Math.fround(pairValue('cosine', a, b))));
});

test('neighbours of a large encoding are exact, too, and have its ids', async () => {
  const rows = randomRows(7, 5000, 8, 0.7, (random) => random.float64());
  const cellIds = rows.map((_, i) => `c${i}`);
  const matrix = memoryMatrix({ csr: toCsr(rows), notes: { encoding: 'lognorm' }, cellIds });
  const { neighbors: made } = await runStage(neighbors, config, 'expression-euclidean-15', { rows: matrix });
  const found = await made!.read();
  const space = await sparseSpace(toCsr(rows), 'euclidean', 8, rowNumbers(rows.length));
  const { indices, distances } = await nearestRows(space, 15);
  assert.deepEqual(found, { cellIds, k: 15, indices, distances });
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

test('with more cells than exactUpTo they are found by descent, which says how many it found', async () => {
  const rows = randomRows(4, 600, 30, 1);
  const run = (exactUpTo: number | null, threads = 2) =>
    runStage(
      neighbors,
      { ...config, neighbors: { exactUpTo } },
      'expression-euclidean-15',
      { rows: embeddingOf(rows) },
      { threads },
    );
  const [exact, atLimit, found, alone] = [await run(null), await run(600), await run(599), await run(599, 1)];
  assert.equal(exact.recall, undefined);
  assert.equal(atLimit.recall, undefined);
  const recall = await found.recall!.read();
  assert.equal(recall.cells, 500);
  const wanted = await exact.neighbors.read();
  const { k, cellIds, indices, distances } = await found.neighbors.read();
  assert.deepEqual(cellIds, wanted.cellIds);
  assert.equal(k, 15);
  let hits = 0;
  for (let i = 0; i < 600; i++) {
    assert.equal(indices[i * k], i);
    assert.equal(distances[i * k], 0);
    const own = new Set(wanted.indices.subarray(i * k, (i + 1) * k));
    for (const j of indices.subarray(i * k, (i + 1) * k)) if (own.has(j)) hits++;
  }
  assert.ok(hits / (600 * k) > 0.95 && recall.mean > 0.95, `${hits / (600 * k)}, says ${recall.mean}`);
  assert.deepEqual(await alone.neighbors.read(), await found.neighbors.read());
});

test('metrics of detected genes, and neighbours among some cells, are exact whatever exactUpTo says', () => {
  const measures = { m: { of: 'expression', metric: 'ochiai' } } as const;
  const embeddings = { a: { method: 'umap', of: 'expression', fitCells: 50 } } as const;
  const all = { neighbors: { exactUpTo: 1 }, encodings: {}, embeddings, measures, purity: { k: [4] } };
  assert.deepEqual(neighbors.each!(all), ['expression-euclidean-15-among-50', 'expression-ochiai-5']);
  for (const name of neighbors.each!(all)) assert.equal(neighbors.params(all, name).exactUpTo, null);
});

test('among some cells: these have themselves first, the others the nearest of these', async () => {
  const rows = randomRows(5, 300, 6, 1);
  rows[7] = [0, 0, 0, 0, 0, 0];
  const run = (fitCells: number, seed = 0, metric = 'euclidean') => {
    const embeddings = { a: { method: 'umap', of: 'pcs', neighbors: 4, metric, fitCells } };
    const name = `pcs-${metric}-4-among-${fitCells}`;
    return runStage(neighbors, { ...config, embeddings }, name, { rows: embeddingOf(rows) }, { seed });
  };
  const { indices, distances, k } = await (await run(100)).neighbors.read();
  const fitted = rows.flatMap((_, i) => (indices[i * k] === i ? [i] : []));
  assert.equal(fitted.length, 100);
  for (let i = 0; i < rows.length; i++) {
    const expected = fitted
      .map((j) => ({ j, d: i === j ? -1 : pairValue('euclidean', rows[i], rows[j]) }))
      .sort((a, b) => a.d - b.d || a.j - b.j)
      .slice(0, k);
    const own = indices.subarray(i * k, (i + 1) * k);
    assert.deepEqual(
      [...own],
      expected.map(({ j }) => j),
    );
    for (const [e, { d }] of expected.entries()) {
      assert.ok(Math.abs(distances[i * k + e] - Math.max(0, d)) < 1e-5);
    }
  }
  assert.notDeepEqual((await (await run(100, 1)).neighbors.read()).indices, indices, 'another seed');
  const plain = await runStage(
    neighbors,
    { ...config, embeddings: { a: { method: 'umap', of: 'pcs', neighbors: 4 } } },
    'pcs-euclidean-4',
    { rows: embeddingOf(rows) },
  );
  assert.deepEqual(
    await (await run(1000)).neighbors.read(),
    await plain.neighbors.read(),
    'all cells are fitted',
  );
  // Fewer fitted cells than neighbours.
  assert.equal((await (await run(3)).neighbors.read()).k, 3);
  assert.deepEqual(await (await run(100, 0, 'cosine')).without_value.read(), [7]);
});
