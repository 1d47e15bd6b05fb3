import assert from 'node:assert/strict';
import test from 'node:test';
import { RandomStream } from '../../lib/flow/random.ts';
import { rankSparseRow, SparseRanker } from '../../lib/stats/sparse-ranks.ts';

test('rows of whole and half numbers rank as any others, one after the other', () => {
  const ranker = new SparseRanker();
  const random = new RandomStream(1, 9);
  for (let repeat = 0; repeat < 300; repeat++) {
    const n = random.int(60);
    const most = [2, 10, 300, 65535][random.int(4)];
    const values = Float32Array.from({ length: n }, () => (1 + random.int(most)) / 2);
    // Some rows have a value that is neither, is too large, or is zero.
    if (n > 0 && repeat % 5 === 0) values[random.int(n)] = [0.25, 1e6, 0][random.int(3)];
    const expected = values.slice();
    const ties = rankSparseRow(expected, repeat);
    assert.equal(ranker.rank(values, repeat), ties);
    assert.deepEqual(values, expected);
  }
});

test('ranks are doubled, average over ties, and start where zeros end', () => {
  const values = Float32Array.of(3, 1, 3, 0.5);
  assert.equal(new SparseRanker().rank(values, 2), 6 + 6);
  // Of 0, 0, 0.5, 1, 3, 3: ranks 3, 4, 5.5, less 1.5, which is the rank of zeros.
  assert.deepEqual([...values], [8, 5, 8, 3]);
});
