import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseEntries } from '../../lib/config/choose.ts';
import { defineStage } from '../../lib/flow/stage.ts';
import { stages } from '../../stages/index.ts';

const chooseEncodings = <C extends object>(config: C, names: readonly string[]) =>
  chooseEntries(stages, { fidelity: null, ...config }, 'encodings', names);

const config = {
  seed: 3,
  encodings: { counts: { kind: 'counts' }, expression: { kind: 'lognorm' }, rank: { kind: 'rank' } },
  embeddings: {
    pca: { method: 'pca', of: 'expression' },
    umap: { method: 'umap', of: 'pca' },
    ranks: { method: 'pca', of: 'rank' },
    model: { method: 'imported', from: 'x.npy' },
  },
  measures: {
    pearson: { of: 'expression', metric: 'pearson' },
    layout: { of: 'umap', metric: 'euclidean' },
    rank: { of: 'rank', metric: 'spearman' },
    ranks: { of: 'ranks', metric: 'euclidean' },
    model: { of: 'model', metric: 'cosine' },
  },
  joint: [
    ['pearson', 'rank'],
    ['rank', 'ranks'],
    ['model', 'layout'],
    ['rank', 'unknown'],
  ] as [string, string][],
  fidelity: null as { reference: string | null } | null,
};

/** What is left, by names. */
function left(names: string[], more: object = {}) {
  const { encodings, embeddings, measures, joint } = chooseEncodings({ ...config, ...more }, names);
  return [encodings, embeddings, measures].map((part) => Object.keys(part)).concat([joint.map(String)]);
}

test('what is made of other encodings goes, also by way of an embedding; what is imported stays', () => {
  assert.deepEqual(left(['rank']), [
    ['rank'],
    ['ranks', 'model'],
    ['rank', 'ranks', 'model'],
    // A name that is wrong stays, for the check to refuse.
    ['rank,ranks', 'rank,unknown'],
  ]);
  assert.deepEqual(left(['expression', 'counts']), [
    ['counts', 'expression'],
    ['pca', 'umap', 'model'],
    ['pearson', 'layout', 'model'],
    ['model,layout'],
  ]);
});

test('what all are held against stays, but not what is made of it', () => {
  const [encodings, embeddings] = left(['rank'], { fidelity: { reference: null } });
  assert.deepEqual(
    [encodings, embeddings],
    [
      ['expression', 'rank'],
      ['ranks', 'model'],
    ],
  );
  assert.deepEqual(left(['rank'], { fidelity: { reference: 'counts' } })[0], ['counts', 'rank']);
});

test('the given config, and keys that it lacks, stay as they are', () => {
  const before = structuredClone(config);
  chooseEncodings(config, ['rank']);
  assert.deepEqual(config, before);
  assert.deepEqual(chooseEntries([], { encodings: { a: {}, b: {} } }, 'encodings', ['b']), {
    encodings: { b: {} },
  });
  const circle = { x: { of: 'y' }, y: { of: 'x' } };
  assert.deepEqual(left(['rank'], { embeddings: circle })[1], ['x', 'y'], 'for the graph to refuse');
});

test('a name that is not there is answered with the nearest, no name with all', () => {
  assert.throws(() => chooseEncodings(config, ['rang']), {
    kind: 'usage',
    message: /no encoding "rang"/,
    expected: 'some of counts, expression, rank',
    hint: /rank/,
  });
  assert.throws(() => chooseEncodings(config, []), { kind: 'usage', message: /names no encoding/ });
});

test('a stage of any kind says what its entries are made of', () => {
  const own = defineStage({
    module: import.meta.url,
    name: 'own',
    about: 'Clusters of a space.',
    references: {
      clusters: { keys: ['embeddings', 'encodings'], names: ({ in: of }: { in: string }) => [of] },
    },
    params: () => ({}),
    inputs: () => ({}),
    outputs: {},
    async run() {},
  });
  const clusters = { ranks: { in: 'ranks' }, umap: { in: 'umap' }, rank: { in: 'rank' } };
  const some = { ...config, clusters };
  assert.deepEqual(Object.keys(chooseEntries([...stages, own], some, 'encodings', ['rank']).clusters), [
    'ranks',
    'rank',
  ]);
  assert.deepEqual(
    chooseEntries(stages, some, 'encodings', ['rank']).clusters,
    clusters,
    'unless none says so',
  );
});
