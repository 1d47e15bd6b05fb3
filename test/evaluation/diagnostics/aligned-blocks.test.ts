import assert from 'node:assert/strict';
import test from 'node:test';
import { alignedBlocks } from '../../../lib/evaluation/diagnostics/aligned-blocks.ts';
import { selectRows } from '../../../lib/evaluation/diagnostics/pair-sample.ts';
import { inMemory } from '../../../lib/pairwise/spaces/row-source.ts';
import { csr } from '../../encodings/encode.ts';
import { inBlocks } from '../../helpers/in-blocks.ts';

const rows = [
  [1, 0, 2],
  [0, 0, 0],
  [3, 4, 5],
  [0, 6, 0],
  [7, 0, 0],
  [0, 0, 8],
  [9, 9, 9],
]; // prettier-ignore

test('two matrices are read beside each other, however their blocks are cut', async () => {
  const found: [number, number][] = [];
  const seen: number[] = [];
  for await (const { a, b, from, to } of alignedBlocks(
    inBlocks(csr(rows), [3, 2, 2]),
    inBlocks(csr(rows), [1, 1, 3, 2]),
  )) {
    found.push([from, to]);
    for (let row = from; row < to; row++) {
      const own = [a, b].map(({ start, indptr, values }) => [
        ...values.subarray(indptr[row - start], indptr[row - start + 1]),
      ]);
      assert.deepEqual(own[0], own[1]);
      seen.push(row);
    }
  }
  assert.deepEqual(found, [
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 5],
    [5, 7],
  ]);
  assert.deepEqual(seen, [...rows.keys()]);
});

test('matrices of other cells are refused', async () => {
  const pairs = alignedBlocks(inMemory(csr(rows)), inMemory(csr(rows.slice(1))));
  await assert.rejects(pairs.next(), /7 rows beside 6/);
});

test('some rows of a matrix, in any order, without the rest', async () => {
  const some = await selectRows(inBlocks(csr(rows), [2, 1, 4]), Int32Array.of(6, 1, 2));
  assert.deepEqual([...some.indptr], [0, 3, 3, 6]);
  assert.deepEqual([...some.indices], [0, 1, 2, 0, 1, 2]);
  assert.deepEqual([...some.values], [9, 9, 9, 3, 4, 5]);
});
