import assert from 'node:assert/strict';
import test from 'node:test';
import { hashCells } from '../../lib/data/kinds/cells-hash.ts';
import type { Embedding, EmbeddingInput, MatrixInput, MatrixMetadata } from '../../lib/data/kinds/types.ts';
import { DETECTION_METRICS, METRICS } from '../../lib/pairwise/spaces/metric.ts';
import similarity from '../../stages/similarity.ts';
import { useKernels } from '../helpers/kernels.ts';
import { runStage, withDefaults } from '../helpers/run-stage.ts';
import { allPairs, quantile, randomRows, toCsr } from '../pairwise/oracle.ts';

useKernels();

function matrixOf(rows: number[][], metadata: Partial<MatrixMetadata> = {}): MatrixInput {
  const csr = toCsr(rows);
  return {
    kind: 'matrix',
    open: async () => ({
      rows: csr.rows,
      columns: csr.columns,
      nnz: csr.values.length,
      metadata: { genesUsed: csr.columns, layout: 'sparse', value: 'x', ...metadata },
      notes: {},
      cellIds: async () => rows.map((_, i) => `c${i}`),
      cellsHash: async () => hashCells(rows.map((_, i) => `c${i}`)),
      async *blocks() {
        for (let row = 0; row < csr.rows; row++) {
          const [from, to] = [csr.indptr[row], csr.indptr[row + 1]];
          yield {
            start: row,
            rows: 1,
            columns: csr.columns,
            cellIds: [`c${row}`],
            indptr: Uint32Array.of(0, to - from),
            indices: csr.indices.subarray(from, to),
            values: csr.values.subarray(from, to),
          };
        }
      },
      readAll: async () => csr,
      close: async () => {},
    }),
  };
}

function embeddingOf(rows: number[][]): EmbeddingInput {
  const embedding: Embedding = {
    cellIds: rows.map((_, i) => `c${i}`),
    labels: rows.map(() => null),
    dims: rows[0].length,
    values: Float32Array.from(rows.flat()),
  };
  return { kind: 'embedding', read: async () => embedding };
}

const sampleOf = (label: string[], batch: (string | null)[] = label.map(() => null)) => ({
  kind: 'table',
  read: async () => ({ cell_id: label.map((_, i) => `c${i}`), label, batch }),
});
const config = (metric: string) => ({
  encodings: { x: {} },
  embeddings: {},
  measures: { m: { of: 'x', metric } },
});

async function run(metric: string, rows: MatrixInput | EmbeddingInput, labels: string[], stage = similarity) {
  const made = await runStage(stage, config(metric), 'm', { rows, sample: sampleOf(labels) });
  return { pairs: await made.pairs!.read(), distribution: await made.distribution!.read() };
}

const labels = [...'ABBACABBACABCBA'];
const rows = randomRows(1, labels.length, 20, 0.5);

test('medians of all type pairs follow the definitions, for encodings and embeddings', async () => {
  for (const metric of METRICS) {
    for (const input of [matrixOf(rows), embeddingOf(rows)]) {
      const { pairs, distribution } = await run(metric, input, labels);
      assert.deepEqual(pairs.type_a, ['A', 'A', 'A', 'B', 'B', 'C']);
      assert.deepEqual(pairs.type_b, ['A', 'B', 'C', 'B', 'C', 'C']);
      assert.deepEqual(pairs.within, [true, false, false, true, false, true]);
      const values = [...allPairs(metric, rows)].map(([pair, value]) => {
        const types = pair.split(',').map((i) => labels[Number(i)]);
        return { types: types.sort().join(''), value };
      });
      for (let i = 0; i < 6; i++) {
        const own = values.filter(({ types }) => types === pairs.type_a[i] + pairs.type_b[i]);
        assert.equal(pairs.n_pairs[i], own.length);
        const expected = quantile(
          own.map(({ value }) => value),
          0.5,
        );
        assert.ok(Math.abs(pairs.median[i] - expected) < 1e-6);
      }
      assert.equal(distribution.orientation, metric === 'euclidean' ? 'distance' : 'similarity');
      assert.equal(distribution.genes_used, input.kind === 'matrix' ? 20 : undefined);
      assert.equal(distribution.dims, input.kind === 'matrix' ? undefined : 20);
    }
  }
});

test('metrics of detected genes take encodings; pairs without a value are not counted', async () => {
  const sparse = randomRows(3, labels.length, 12, 0.2);
  for (const metric of DETECTION_METRICS) {
    const { pairs, distribution } = await run(metric, matrixOf(sparse), labels);
    const values = [...allPairs(metric, sparse).values()].filter((value) => !Number.isNaN(value));
    assert.equal(
      pairs.n_pairs.reduce((sum, n) => sum + n),
      values.length,
    );
    assert.equal(distribution.within.n + distribution.between.n, values.length);
    assert.ok(values.length < allPairs(metric, sparse).size);
  }
});

test('the genes that count are those that the encoding says', async () => {
  const padded = rows.map((row) => [...row, ...new Array<number>(30).fill(0)]);
  const expected = await run('spearman', matrixOf(padded), labels);
  const found = await run('spearman', matrixOf(rows, { genesUsed: 50 }), labels);
  assert.deepEqual(found, expected);
});

test('relations at cut-offs of the config, or at those that fit the measure', async () => {
  const batches = labels.map((_, i) => (i % 2 === 0 ? 'x' : 'y'));
  const given = { rows: matrixOf(rows), sample: sampleOf(labels, batches) };
  const made = (metric: string, cutoffs?: number[]) =>
    runStage(
      similarity,
      { ...config(metric), measures: { m: { of: 'x', metric, cutoffs } } },
      'm',
      given,
    ).then(({ cutoffs }) => cutoffs.read());

  const values = [...allPairs('cosine', rows).values()].map(Math.fround);
  const cosine = await made('cosine', [0.5, 0.2, 0.5]);
  assert.deepEqual([...new Set(cosine.cutoff)], [0.2, 0.5]);
  for (const cutoff of [0.2, 0.5]) {
    const rowsOf = [...cosine.cutoff.keys()].filter((i) => cosine.cutoff[i] === cutoff);
    const pairsOf = (batch: string) =>
      rowsOf.filter((i) => cosine.batch_relation[i] === batch).reduce((sum, i) => sum + cosine.pairs[i], 0);
    const expected = values.filter((value) => value >= Math.fround(cutoff)).length;
    assert.equal(pairsOf('any'), expected);
    assert.equal(pairsOf('same_batch') + pairsOf('other_batch'), expected);
    assert.ok(pairsOf('same_batch') > 0);
  }
  const distance = await made('euclidean');
  const cutoffs = [...new Set(distance.cutoff)];
  assert.ok(cutoffs.length > 5 && cutoffs.every((cutoff, i) => i === 0 || cutoff > cutoffs[i - 1]));
  assert.equal((await made('pearson', [])).cutoff.length, 0);
  assert.equal(new Set((await made('pearson')).cutoff).size, 20);
});

test('a type of one cell has no pair within, and nothing is said of it', async () => {
  const { pairs, distribution } = await run('cosine', matrixOf(rows.slice(0, 3)), ['A', 'B', 'B']);
  assert.deepEqual([...pairs.n_pairs], [0, 2, 1]);
  assert.ok(Number.isNaN(pairs.median[0]) && Number.isNaN(pairs.mean[0]));
  assert.equal(distribution.within.n, 1);
  assert.equal(distribution.within.median, pairs.median[2]);
});

test('one cell, and constant cells, leave nulls', async () => {
  for (const [few, types] of [
    [[[1, 2, 0]], ['A']],
    [
      [
        [0, 0, 0],
        [1, 1, 1],
        [2, 2, 2],
      ],
      ['A', 'A', 'B'],
    ],
  ] as const) {
    const { pairs, distribution } = await run('spearman', matrixOf(few.map((row) => [...row])), [...types]);
    assert.ok(pairs.n_pairs.every((n) => n === 0));
    assert.ok(pairs.median.every(Number.isNaN));
    assert.equal(distribution.auroc, null);
    assert.equal(distribution.within.median, null);
    assert.equal(distribution.cells, few.length);
  }
});

test('a part gives the same on a fresh space and after other parts', async () => {
  const many = randomRows(2, 400, 30, 0.4);
  const types = many.map((_, i) => `type ${i % 5}`);
  const expected = await run('pearson', matrixOf(many), types);
  // Each part twice, the second time on a space of its own.
  const { run: runPart } = similarity.parts!;
  const nowhere = { write: async () => {} };
  const scattered = {
    ...similarity,
    parts: {
      ...similarity.parts!,
      async run(context: Parameters<typeof runPart>[0]) {
        await runPart({
          ...context,
          outputs: { found: nowhere, plan: nowhere, relations: nowhere },
        });
        await runPart({ ...context, keep: (_name, make) => make(), shared: (_name, make) => make() });
      },
    },
  } as typeof similarity;
  assert.deepEqual(await run('pearson', matrixOf(many), types, scattered), expected);
});

test('rows that are not the sample are refused', async () => {
  const order = rows.map((_, i) => `c${i}`).reverse();
  const sample = {
    kind: 'table',
    read: async () => ({ cell_id: order, label: labels, batch: order.map(() => null) }),
  };
  for (const [of, metric] of [
    [matrixOf(rows), 'cosine'],
    [embeddingOf(rows), 'euclidean'],
  ] as const) {
    await assert.rejects(runStage(similarity, config(metric), 'm', { rows: of, sample }), {
      kind: 'data',
      message: /row \d+ of the rows to compare is cell "c\d+", but cell \d+ of the sample is "c\d+"/,
    });
  }
  await assert.rejects(run('cosine', matrixOf(rows), ['A', 'B']), /15 rows to compare, but 2 cells/);
});

test('the config has two measures unless it says otherwise, and names what there is', () => {
  const full = withDefaults(similarity, { encodings: { rank: {} }, embeddings: { expressionUmap: {} } });
  assert.deepEqual(similarity.each!(full as never), ['expression-umap', 'rank-spearman']);
  assert.deepEqual(similarity.check!(full as never), []);
  const { rows: umap } = similarity.inputs(full as never, 'expression-umap');
  const { rows: rank } = similarity.inputs(full as never, 'rank-spearman');
  assert.equal(umap.ref, 'embed[expressionUmap].embedding');
  assert.equal(rank.ref, 'encode[rank].encoded');
  const detected = {
    ...full,
    measures: {
      a: { of: 'rank', metric: 'ochiai' },
      b: { of: 'expressionUmap', metric: 'spearman-union' },
    },
  };
  const [{ path, message, known }] = similarity.check!(detected as never);
  assert.deepEqual([path, known], [['measures', 'b', 'of'], ['rank']]);
  assert.match(message, /spearman-union is of detected genes, and the embedding "expressionUmap" has none/);
  const wrong = { ...full, measures: { m: { of: 'ranks', metric: 'spearman' } } };
  assert.deepEqual(similarity.check!(wrong as never), [
    {
      path: ['measures', 'm', 'of'],
      message: 'unknown encoding or embedding "ranks"',
      known: ['rank', 'expressionUmap'],
    },
  ]);
  for (const measures of [{ 'a/b': { of: 'x', metric: 'cosine' } }, { a: { of: 'x', metric: 'ochia' } }]) {
    assert.throws(() => withDefaults(similarity, { measures }));
  }
});
