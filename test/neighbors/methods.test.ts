/** The front door: which method is chosen, that methods agree, and that a new one is one entry of the registry. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { EmbeddingInput } from '../../lib/data/kinds/types.ts';
import { RandomStream } from '../../lib/flow/random.ts';
import type { NearestMethod, RowFacts } from '../../lib/neighbors/method.ts';
import { METHODS } from '../../lib/neighbors/methods.ts';
import { chooseMethod, nearest } from '../../lib/neighbors/nearest.ts';
import { rowsOfInput, rowsOfSpace } from '../../lib/neighbors/searched-rows.ts';
import { openSpace, rowNumbers } from '../../lib/pairwise/spaces/open-space.ts';
import { useKernels } from '../helpers/kernels.ts';
import { withTeam } from '../helpers/team.ts';

useKernels();

const random = new RandomStream(1, 7);
const ROWS = 3000;
const values = Float32Array.from({ length: ROWS * 3 }, () => random.float64());
const cellIds = Array.from({ length: ROWS }, (_, i) => `cell ${i}`);
const input: EmbeddingInput = {
  kind: 'embedding',
  read: async () => ({ cellIds, labels: cellIds.map(() => null), dims: 3, values }),
};
const searched = rowsOfInput(input, 'euclidean', () => openSpace(input, 'euclidean', rowNumbers(ROWS)));

const nameOf = (facts: Partial<RowFacts>, exactUpTo: number | null = null, k = 15) =>
  chooseMethod({ metric: 'euclidean', rows: 50_000, ...facts } as RowFacts, k, { exactUpTo }).name;

test('auto takes the fastest exact method, and an approximate one only where none is fast for many rows', () => {
  const matrix = { kind: 'matrix', columns: 2000, notes: { encoding: 'lognorm' } } as const;
  assert.equal(nameOf({ kind: 'embedding', dims: 5 }), 'tree');
  assert.equal(nameOf({ kind: 'embedding', dims: 5, rows: 100 }), 'exact');
  assert.equal(nameOf({ kind: 'embedding', dims: 5, metric: 'cosine' }), 'exact');
  assert.equal(nameOf(matrix), 'prefilter');
  assert.equal(nameOf({ ...matrix, metric: 'pearson' }), 'exact');
  assert.equal(nameOf({ kind: 'space' }), 'exact');
  // Above exactUpTo; the limit itself is exact.
  assert.equal(nameOf({ kind: 'embedding', dims: 50 }, 49_999), 'nn-descent');
  assert.equal(nameOf({ kind: 'embedding', dims: 50 }, 50_000), 'tree');
  assert.equal(nameOf({ kind: 'embedding', dims: 5 }, 49_999), 'tree');
  assert.equal(nameOf({ kind: 'embedding', dims: 5, rows: 100 }, 99), 'exact');
  assert.equal(nameOf(matrix, 49_999), 'nn-descent');
});

test('exact methods find the same bytes, and an approximate one says what it found', async () => {
  await withTeam(2, async (team) => {
    const exact = await nearest(searched, 8, { method: 'exact', team });
    assert.deepEqual(
      await nearest(searched, 8, { team }),
      await nearest(searched, 8, { method: 'tree', team }),
    );
    const { indices, distances, withoutValue, recall } = await nearest(searched, 8, { method: 'tree', team });
    assert.deepEqual([...indices], [...exact.indices]);
    assert.deepEqual([...distances], [...exact.distances]);
    assert.deepEqual([withoutValue, recall], [[], undefined]);
    const found = await nearest(searched, 8, { method: 'nn-descent', team });
    assert.ok(found.recall!.mean > 0.95 && found.indices.length === ROWS * 8);
  });
});

/** All rows in their order, at distance 0. */
const toy: NearestMethod = {
  name: 'toy',
  isExact: true,
  usesAllCores: true,
  bytesPerRow: 0,
  pays: ({ rows }) => rows > 10,
  scales: () => true,
  async search(rows, k) {
    const n = (await rows.facts()).rows;
    const indices = Int32Array.from({ length: n * k }, (_, i) => (Math.floor(i / k) + (i % k)) % n);
    return { indices, distances: new Float32Array(n * k), withoutValue: [] };
  },
};

test('a method is one entry of the registry: it can be named, and is chosen where it pays', async () => {
  const methods = [toy, ...METHODS];
  const team = () => Promise.reject(new Error('no threads'));
  const named = await nearest(searched, 3, { method: 'toy', methods, team });
  assert.deepEqual([...named.indices.subarray(0, 6)], [0, 1, 2, 1, 2, 3]);
  assert.deepEqual(await nearest(searched, 3, { methods, team, exactUpTo: 1 }), named);
  const few: EmbeddingInput = {
    kind: 'embedding',
    read: async () => ({ cellIds: ['a', 'b'], labels: [null, null], dims: 1, values: Float32Array.of(5, 7) }),
  };
  const rows = rowsOfSpace(await openSpace(few, 'euclidean', rowNumbers(2)));
  const { indices, distances } = await nearest(rows, 5, { methods, team });
  assert.deepEqual(
    [[...indices], [...distances]],
    [
      [0, 1, 1, 0],
      [0, 2, 0, 2],
    ],
  );
});

test('a method that there is not is refused, with those that there are', async () => {
  const team = () => Promise.reject(new Error('no threads'));
  await assert.rejects(nearest(searched, 3, { method: 'tre', team }), {
    kind: 'usage',
    message: 'no method of finding neighbours is called "tre"',
    expected: 'one of tree, prefilter, exact, nn-descent',
    hint: 'did you mean "tree"?',
  });
});

test('every method has a name of its own, and the last exact one always pays', () => {
  assert.equal(new Set(METHODS.map(({ name }) => name)).size, METHODS.length);
  const last = METHODS.filter(({ isExact }) => isExact).at(-1)!;
  assert.ok(last.pays({ kind: 'space', rows: 1, metric: 'ochiai' }, 1));
});
