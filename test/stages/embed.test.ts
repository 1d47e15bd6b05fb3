import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { matrix } from '../../lib/data/kinds/matrix.ts';
import type { Neighbors } from '../../lib/data/kinds/types.ts';
import { readObsm } from '../../lib/data/readers/h5ad/obsm.ts';
import { randomSource } from '../../lib/flow/random.ts';
import type { ArtifactRef } from '../../lib/flow/stage.ts';
import embed from '../../stages/embed.ts';
import { writeH5ad } from '../helpers/h5ad.ts';
import { useKernels } from '../helpers/kernels.ts';
import { runStage, scratchFolder, withDefaults } from '../helpers/run-stage.ts';

useKernels();

const CELLS = 40;
const cellIds = Array.from({ length: CELLS }, (_, i) => `cell${i}`);
const labels = cellIds.map((_, i) => (i % 2 === 0 ? 'even' : 'odd'));
const sample = { kind: 'table', read: async () => ({ cell_id: cellIds, label: labels }) };
const shared = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'encodings');

/** A ring: each cell is next to the ones before and after it. */
function ring(): Neighbors {
  const steps = [0, 1, CELLS - 1, 2, CELLS - 2];
  return {
    cellIds,
    k: steps.length,
    indices: Int32Array.from(cellIds.flatMap((_, i) => steps.map((step) => (i + step) % CELLS))),
    distances: Float32Array.from(cellIds.flatMap(() => [0, 1, 1, 2, 2])),
  };
}

const base = { dataset: { source: 'simulated' }, encodings: { expression: {}, rank: {} } };
const withEmbeddings = (embeddings: Record<string, object>) => withDefaults(embed, { ...base, embeddings });
const problems = (embeddings: Record<string, object>, changes = {}) =>
  embed.check!({ ...withEmbeddings(embeddings), ...changes } as never);

for (const engine of ['rankloom', 'umap-js']) {
  test(`${engine} lays out the given neighbours, seeded`, async () => {
    const umap = { method: 'umap', of: 'expression', neighbors: 5, epochs: 30, engine, init: 'random' };
    const config = withEmbeddings({ a: umap, b: umap, replicate: { ...umap, seed: 1 } });
    const inputs = { sample, neighbors: { kind: 'neighbors', read: async () => ring() } };
    const layout = async (instance: string, seed = 0) =>
      (await runStage(embed, config, instance, inputs, { seed })).embedding.read();
    const a = await layout('a');
    assert.deepEqual(a.cellIds, cellIds);
    assert.deepEqual(a.labels, labels);
    assert.equal(a.dims, 2);
    assert.equal(a.values.length, 2 * CELLS);
    assert.deepEqual((await layout('b')).values, a.values, 'the name of an embedding changes nothing');
    assert.notDeepEqual((await layout('replicate')).values, a.values);
    assert.notDeepEqual((await layout('a', 7)).values, a.values);
  });
}

/** Rows of as many numbers, the same for all tests. */
function rows(dims: number) {
  const stream = randomSource(3, 'test').stream('rows');
  const values = Float32Array.from({ length: CELLS * dims }, () => stream.float64());
  return { kind: 'embedding', read: async () => ({ cellIds, labels, dims, values }) };
}

test('umap starts at the spectrum, at principal components or anywhere', async () => {
  const umap = { method: 'umap', of: 'expression', neighbors: 5, epochs: 2, dims: 2 };
  const inits = ['spectral', 'pca', 'random'];
  const config = withEmbeddings(Object.fromEntries(inits.map((init) => [init, { ...umap, init }])));
  const inputs = { sample, neighbors: { kind: 'neighbors', read: async () => ring() }, rows: rows(6) };
  const found = await Promise.all(
    inits.map(async (init) => (await runStage(embed, config, init, inputs)).embedding.read()),
  );
  assert.equal(new Set(found.map(({ values }) => String(values.subarray(0, 4)))).size, 3);
  await assert.rejects(
    runStage(embed, config, 'pca', { ...inputs, rows: rows(1) }),
    /2 principal components are asked of 40 cells × 1/,
  );
});

test('many parts of a graph get places by the rows, read only then', async () => {
  const pairs = {
    cellIds,
    k: 2,
    indices: Int32Array.from(cellIds.flatMap((_, i) => [i, i ^ 1])),
    distances: Float32Array.from(cellIds.flatMap(() => [0, 1])),
  };
  const config = withEmbeddings({ a: { method: 'umap', of: 'expression', neighbors: 2, epochs: 5 } });
  const inputs = { sample, neighbors: { kind: 'neighbors', read: async () => pairs }, rows: rows(6) };
  const { values } = await (await runStage(embed, config, 'a', inputs)).embedding.read();
  assert.ok(values.every(Number.isFinite));
  const unread = { kind: 'embedding', read: () => Promise.reject(new Error('read')) };
  await assert.rejects(runStage(embed, config, 'a', { ...inputs, rows: unread }), /read/);
  const whole = { sample, neighbors: { kind: 'neighbors', read: async () => ring() }, rows: unread };
  await runStage(embed, config, 'a', whole);
});

test('an embedding of more than two dimensions can have a companion of two', async () => {
  const umap = { method: 'umap', of: 'expression', neighbors: 5, epochs: 10, dims: 3 };
  const config = withEmbeddings({
    alone: umap,
    both: { ...umap, companion2d: true },
    flat: { ...umap, dims: 2, companion2d: true },
  });
  const inputs = { sample, neighbors: { kind: 'neighbors', read: async () => ring() }, rows: rows(6) };
  const alone = await runStage(embed, config, 'alone', inputs);
  const both = await runStage(embed, config, 'both', inputs);
  assert.equal(alone.companion, undefined);
  assert.deepEqual((await both.embedding.read()).values, (await alone.embedding.read()).values);
  const companion = await both.companion!.read();
  assert.equal(companion.dims, 2);
  assert.equal(companion.values.length, 2 * CELLS);
  assert.equal((await runStage(embed, config, 'flat', inputs)).companion, undefined);
  const [problem] = problems({ a: { ...umap, companion2d: true, engine: 'umap-js' } });
  assert.deepEqual(problem.path, ['embeddings', 'a', 'companion2d']);
});

test('umap asks for the neighbours of its space', () => {
  const config = withEmbeddings({
    a: { method: 'umap', of: 'rank', neighbors: 30, metric: 'spearman' },
    b: { method: 'umap', of: 'rank', engine: 'umap-js', init: 'pca' },
  });
  const { neighbors, rows } = embed.inputs(config as never, 'a') as Record<string, ArtifactRef | undefined>;
  assert.equal(neighbors?.ref, 'neighbors[rank-spearman-30].neighbors');
  assert.equal(rows?.ref, 'encode[rank].encoded');
  const params = embed.params(config as never, 'a');
  assert.ok(!Object.values(params).includes('rank') && !Object.values(params).includes('spearman'));
  assert.equal(embed.inputs(config as never, 'b').rows, undefined);
  assert.ok(!('init' in embed.params(config as never, 'b')));
  assert.equal(embed.cores!(config as never, 'a'), 'all');
  assert.equal(embed.cores!(config as never, 'b'), 'one');
});

test('pca reads encodings and embeddings', async () => {
  const config = withEmbeddings({
    sparse: { method: 'pca', of: 'expression', dims: 3 },
    dense: { method: 'pca', of: 'sparse', dims: 3 },
  });
  const stream = randomSource(3, 'test').stream('rows');
  const values = Float32Array.from({ length: CELLS * 6 }, () => stream.float64());
  const path = join(scratchFolder(), 'encoded.arrow');
  const writer = await matrix()
    .output(path)
    .create({ columns: 6, metadata: { genesUsed: 6, layout: 'sparse', value: 'counts' } });
  const block = {
    rows: CELLS,
    columns: 6,
    metadata: { genesUsed: 6, layout: 'sparse', value: 'counts' },
    indptr: Uint32Array.from({ length: CELLS + 1 }, (_, i) => 6 * i),
    indices: Int32Array.from({ length: 6 * CELLS }, (_, e) => e % 6),
    values,
  };
  await writer.append(block, cellIds);
  await writer.close();
  const first = await runStage(embed, config, 'sparse', { sample, rows: matrix().input(path) });
  const scores = await first.embedding.read();
  assert.equal(scores.dims, 3);
  // Components of components are the same, up to sign.
  const second = await runStage(embed, config, 'dense', { sample, rows: first.embedding });
  const again = await second.embedding.read();
  for (const [i, value] of again.values.entries()) {
    assert.ok(Math.abs(Math.abs(value) - Math.abs(scores.values[i])) < 1e-5);
  }
  await assert.rejects(
    runStage(embed, withEmbeddings({ sparse: { method: 'pca', of: 'expression', dims: 7 } }), 'sparse', {
      sample,
      rows: matrix().input(path),
    }),
    /7 principal components are asked of 40 cells × 6/,
  );
});

test('imported coordinates are put in the order of the cells', async () => {
  const path = join(scratchFolder(), 'model.csv');
  const rows = cellIds.map((id, i) => `${id},${i % 3},${i + 0.25},${i + 0.5}`).reverse();
  await writeFile(path, ['cell_id,leiden,x1,x2', 'other,9,9,9', ...rows, ''].join('\n'));
  const config = withEmbeddings({ model: { method: 'imported', from: path } });
  const out = await runStage(embed, config, 'model', { sample, cells: sample, source: path });
  const { dims, values } = await out.embedding.read();
  assert.equal(dims, 2);
  assert.deepEqual([...values.subarray(0, 6)], [0.25, 0.5, 1.25, 1.5, 2.25, 2.5]);
  assert.match((await out.notes!.read()).join(), /such as "other", are no cell[\s\S]*left out: leiden/);
  assert.deepEqual(embed.params(config as never, 'model'), { method: 'imported', columns: undefined });
});

test('rows of a .npy file are all cells of the dataset, in their order', async () => {
  const path = join(scratchFolder(), 'model.npy');
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 1), }";
  const padded = `${header.padEnd(117)}\n`;
  const preamble = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.from([118, 0])]);
  const data = Buffer.from(Float32Array.of(10, 20, 30).buffer);
  await writeFile(path, Buffer.concat([preamble, Buffer.from(padded), data]));
  assert.match(problems({ m: { method: 'imported', from: path } })[0].message, /has no cell ids.*'in order'/);
  assert.match(
    problems({ m: { method: 'imported', from: 'm.csv', cells: 'in order' } })[0].message,
    /only a \.npy/,
  );
  const config = withEmbeddings({ model: { method: 'imported', from: path, cells: 'in order' } });
  assert.deepEqual(problems({ m: { method: 'imported', from: path, cells: 'in order' } }), []);
  const inputs = {
    sample: { kind: 'table', read: async () => ({ cell_id: ['c', 'a'], label: ['t', 't'] }) },
    cells: { kind: 'table', read: async () => ({ cell_id: ['a', 'b', 'c'] }) },
    source: path,
  };
  const out = await runStage(embed, config, 'model', inputs);
  assert.deepEqual([...(await out.embedding.read()).values], [30, 10]);
  assert.match((await out.notes!.read()).join(), /in their order, as the config says/);
});

test('imported coordinates come from obsm of the dataset', async (t) => {
  const path = join(shared, 'anndataR_example.h5ad');
  if (!existsSync(path)) return t.skip('shared data is absent');
  const dataset = { source: path, cellId: undefined };
  const config = {
    ...withEmbeddings({
      pca: { method: 'imported', from: 'obsm/X_pca' },
      wrong: { method: 'imported', from: 'obsm/X_pcs' },
    }),
    dataset,
  };
  const some = { kind: 'table', read: async () => ({ cell_id: ['Cell049', 'Cell000'], label: ['t', 't'] }) };
  const out = await runStage(embed, config, 'pca', { sample: some, source: path });
  const { dims, values } = await out.embedding.read();
  assert.equal(dims, 38);
  // adata.obsm['X_pca'][[49, 0], 0] by anndata.
  assert.ok(Math.abs(values[0] - 2.3307042) < 1e-5, `${values[0]}`);
  assert.ok(Math.abs(values[38] - 0.4241033) < 1e-5, `${values[38]}`);
  await assert.rejects(runStage(embed, config, 'wrong', { sample: some, source: path }), {
    message: 'obsm has no entry "X_pcs"',
    expected: 'one of X_pca, X_umap',
  });
});

test('obsm is read whole or for some cells, from arrays and data frames of numbers', async () => {
  const path = await writeH5ad(join(scratchFolder(), 'small.h5ad'), {
    x: [[1], [2], [3]],
    obs: { barcode: ['x', 'y', 'z'] },
    obsm: {
      X_model: [
        [1, 2],
        [3, 4],
        [5, Number.NaN],
      ],
    },
  });
  const { File } = await import('h5wasm/node');
  const file = new File(path, 'a');
  const names = ['cell0', 'cell1', 'cell2'];
  const frame = (name: string, columns: Record<string, Float64Array | string[]>, index = names) => {
    const group = file.create_group(`obsm/${name}`);
    group.create_attribute('encoding-type', 'dataframe');
    group.create_attribute('_index', '_index');
    group.create_attribute('column-order', Object.keys(columns));
    group.create_dataset({ name: '_index', data: index });
    for (const [column, data] of Object.entries(columns)) group.create_dataset({ name: column, data });
  };
  frame('numbers', { a: Float64Array.of(1, 2, 3), b: Float64Array.of(4, 5, 6) });
  frame('umap', {
    u1: Float64Array.of(1, 2, 0.5),
    n: Float64Array.of(7, 8, 9),
    u2: Float64Array.of(4, 5, 1.5),
  });
  frame('moved', { u1: Float64Array.of(1, 2, 0.5), u2: Float64Array.of(4, 5, 1.5) }, [
    'cell0',
    'cell2',
    'cell1',
  ]);
  frame('mixed', { a: Float64Array.of(1, 2, 3), b: ['4', '5', '6'] });
  file.close();

  const whole = await readObsm(path, 'X_model');
  assert.deepEqual(whole.cellIds, ['cell0', 'cell1', 'cell2']);
  assert.deepEqual([...whole.values], [1, 2, 3, 4, 5, Number.NaN]);
  const some = await readObsm(path, 'X_model', { cellId: 'barcode', wanted: ['z', 'y'] });
  assert.deepEqual(
    [some.cellIds, [...some.values]],
    [
      ['y', 'z'],
      [3, 4, 5, Number.NaN],
    ],
  );
  const named = await readObsm(path, 'numbers', { columns: ['a', 'b'] });
  assert.deepEqual([...named.values], [1, 4, 2, 5, 3, 6]);
  await assert.rejects(readObsm(path, 'numbers'), /cannot be told by their names/);
  const umap = await readObsm(path, 'umap');
  assert.deepEqual([[...umap.values], umap.leftOut], [[1, 4, 2, 5, 0.5, 1.5], ['n']]);
  await assert.rejects(readObsm(path, 'moved'), /obsm\/moved names "cell2" in row 2, obs "cell1"/);
  await assert.rejects(readObsm(path, 'mixed'), /"b" of obsm\/mixed is string, not numbers/);
  await assert.rejects(readObsm(path, '../X'), /obsm has no entry/);

  // Only the cells that are wanted must have finite coordinates.
  const config = {
    ...withEmbeddings({ m: { method: 'imported', from: 'obsm/X_model' } }),
    dataset: { source: path },
  };
  const of = (ids: string[]) => ({
    sample: { kind: 'table', read: async () => ({ cell_id: ids, label: ids }) },
    source: path,
  });
  const out = await runStage(embed, config, 'm', of(['cell1', 'cell0']));
  assert.deepEqual([...(await out.embedding.read()).values], [3, 4, 1, 2]);
  await assert.rejects(runStage(embed, config, 'm', of(['cell2'])), /"cell2" in column "2" is missing/);
});

test('obsm in layouts that cannot be read says so', async (t) => {
  const old = join(shared, 'anndata_v0.5.0.h5ad');
  const v7 = join(shared, 'anndata_v0.7.0.h5ad');
  if (!existsSync(old) || !existsSync(v7)) return t.skip('shared data is absent');
  await assert.rejects(readObsm(old, 'X_pca'), /before 0\.7/);
  await assert.rejects(readObsm(v7, 'sparse'), /obsm\/sparse is not a dense array/);
  await assert.rejects(readObsm(v7, 'array'), /LZF/);
});

test('names that point nowhere are problems of the config', () => {
  assert.deepEqual(problems({ a: { method: 'pca', of: 'rank' }, b: { method: 'umap', of: 'a' } }), []);
  assert.deepEqual(problems({ a: { method: 'pca', of: 'ranks' } }), [
    {
      path: ['embeddings', 'a', 'of'],
      message: 'unknown encoding or embedding "ranks"',
      known: ['expression', 'rank'],
    },
  ]);
  assert.match(problems({ a: { method: 'pca', of: 'a' } })[0].message, /made of itself/);
  const circle = problems({
    a: { method: 'pca', of: 'b' },
    b: { method: 'umap', of: 'a' },
    c: { method: 'umap', of: 'a' },
  });
  assert.deepEqual(
    circle.map(({ message }) => message),
    [
      'these embeddings are made of each other: a → b → a',
      'these embeddings are made of each other: b → a → b',
    ],
  );
  assert.match(problems({ rank: { method: 'pca', of: 'expression' } })[0].message, /encoding too/);
  assert.match(problems({ a: { method: 'imported', from: 'obsm/X_pca' } })[0].message, /no obsm/);
});

test('options are checked by method', () => {
  assert.throws(() => withEmbeddings({ a: { method: 'tsne', of: 'rank' } }));
  assert.throws(() => withEmbeddings({ a: { method: 'pca', of: 'rank', neighbors: 3 } }));
  assert.throws(() => withEmbeddings({ a: { method: 'umap', of: 'rank', neighbors: 1 } }));
  assert.throws(() => withEmbeddings({ 'a/b': { method: 'pca', of: 'rank' } }));
  const defaults = withDefaults(embed, base).embeddings as Record<string, { of: string; dims: number }>;
  assert.equal(defaults.expressionUmap.dims, 5);
});
