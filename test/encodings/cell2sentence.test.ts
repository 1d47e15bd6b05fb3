import assert from 'node:assert/strict';
import test from 'node:test';
import { encode, someCounts } from './encode.ts';

const c2s = (options = {}) => ({ kind: 'cell2sentence', ...options });

test('a sentence names genes by descending count', async () => {
  const { sentences, dense } = await encode(c2s(), [[0, 3, 1, 0, 7, 2]]);
  assert.deepEqual(sentences, ['G4 G1 G5 G2']);
  assert.deepEqual(dense, [[0, 3, 1, 0, 4, 2]]);
});

test('names are upper-cased; a gene without name is called by its id', async () => {
  const given = { ids: ['id0', 'id1', 'id2'], names: ['C1orf112', null, 'Cd3e'] };
  assert.deepEqual((await encode(c2s(), [[1, 2, 3]], given)).sentences, ['CD3E ID1 C1ORF112']);
  assert.deepEqual((await encode(c2s({ names: 'id' }), [[1, 2, 3]], given)).sentences, ['ID2 ID1 ID0']);
});

test('only the top genes are kept, as words and as values', async () => {
  const row = [5, 1, 4, 2, 3];
  const top = await encode(c2s({ top: 2 }), [row]);
  assert.deepEqual(top.sentences, ['G0 G2']);
  assert.deepEqual(top.dense, [[2, 0, 1, 0, 0]]);
  const all = await encode(c2s({ top: null }), [row]);
  assert.deepEqual(all, { ...(await encode(c2s({ top: 5 }), [row])), encoder: all.encoder });
  assert.deepEqual(all.sentences, ['G0 G2 G4 G3 G1']);
});

test('ties stand in column order, in reverse, or by chance', async () => {
  const row = [1, 2, 1, 2, 1, 9];
  assert.deepEqual((await encode(c2s(), [row])).sentences, ['G5 G1 G3 G0 G2 G4']);
  assert.deepEqual((await encode(c2s({ ties: 'reverse' }), [row])).sentences, ['G5 G3 G1 G4 G2 G0']);
  const random = await encode(
    c2s({ ties: 'random' }),
    Array.from({ length: 600 }, () => row),
  );
  const seen = new Map<string, number>();
  for (const sentence of random.sentences!) seen.set(sentence, (seen.get(sentence) ?? 0) + 1);
  assert.equal(seen.size, 12, 'all orders of the blocks of 1, 2 and 3');
  for (const [sentence, times] of seen) {
    assert.match(sentence, /^G5( G[13]){2}( G[024]){3}$/);
    assert.ok(times > 20 && times < 90, `"${sentence}" came ${times} times of 600`);
  }
});

test('chance depends on the seed and the cell alone, not on the other cells', async () => {
  const rows = someCounts(6, 30, 0, 2);
  const cells = rows.map((_, c) => `c${c}`);
  const options = c2s({ ties: 'random' });
  const { sentences } = await encode(options, rows, { cells });
  const reversed = await encode(options, rows.toReversed(), { cells: cells.toReversed() });
  assert.deepEqual(reversed.sentences, sentences!.toReversed());
  const other = await encode(options, rows, { cells, seed: 1 });
  assert.notDeepEqual(other.sentences, sentences);
});

test('the order does not change when counts are scaled or their logarithm is taken', async () => {
  const rows = someCounts(20, 40);
  const { sentences } = await encode(c2s(), rows);
  for (const change of [(x: number) => 7 * x, (x: number) => x / 3, Math.log1p]) {
    assert.deepEqual(
      (
        await encode(
          c2s(),
          rows.map((row) => row.map(change)),
        )
      ).sentences,
      sentences,
    );
  }
});

test('genes without counts change nothing', async () => {
  const rows = someCounts(5, 20);
  const more = rows.map((row) => [...row, 0, 0, 0]);
  assert.deepEqual((await encode(c2s(), more)).sentences, (await encode(c2s(), rows)).sentences);
});

test('a cell without counts has an empty sentence', async () => {
  const { sentences, matrix } = await encode(c2s(), [
    [0, 0],
    [0, 4],
  ]);
  assert.deepEqual(sentences, ['', 'G1']);
  assert.deepEqual([...matrix.indptr], [0, 0, 1]);
});

test('names that are equal after upper-casing are refused, if both genes are used', async () => {
  const given = { ids: ['a', 'b', 'c'], names: ['Actb', 'x', 'ACTB'] };
  await assert.rejects(
    encode(c2s(), [[1, 2, 3]], given),
    (error: Error & { where: string; hint: string }) => {
      assert.equal(error.message, 'two genes are called ACTB in a cell sentence');
      assert.equal(error.where, 'genes a (Actb) and c (ACTB)');
      assert.match(error.hint, /names: 'id'/);
      return true;
    },
  );
  const { sentences } = await encode(c2s(), [[1, 2, 3]], { ...given, used: [1, 1, 0] });
  assert.deepEqual(sentences, ['X ACTB']);
});

test('a name that is not one word is refused', async () => {
  await assert.rejects(encode(c2s(), [[1]], { names: ['beta actin'] }), /"beta actin" cannot be a word/);
});
