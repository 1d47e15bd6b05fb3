import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireSameCells, requireSameIds } from '../../lib/data/kinds/same-cells.ts';
import type { EmbeddingInput } from '../../lib/data/kinds/types.ts';
import { memoryMatrix } from '../helpers/memory-matrix.ts';

const sample = ['a', 'b', 'c'];
const matrixOf = (cellIds: string[]) =>
  memoryMatrix({
    csr: {
      rows: cellIds.length,
      columns: 1,
      indptr: new Uint32Array(cellIds.length + 1),
      indices: new Int32Array(0),
      values: new Float32Array(0),
    },
    cellIds,
  });
const embeddingOf = (cellIds: string[]): EmbeddingInput => ({
  kind: 'embedding',
  read: async () => ({
    cellIds,
    labels: cellIds.map(() => null),
    dims: 1,
    values: new Float32Array(cellIds.length),
  }),
});

for (const [kind, rowsOf] of [
  ['matrix', matrixOf],
  ['embedding', embeddingOf],
] as const) {
  test(`rows of a ${kind} are those of the sample, or both ids and the row are told`, async () => {
    await requireSameCells(rowsOf(sample), sample);
    await assert.rejects(requireSameCells(rowsOf(['a', 'c', 'b']), sample, 'rows of x'), {
      kind: 'data',
      message: 'row 1 of the rows of x is cell "c", but cell 1 of the sample is "b"',
    });
    for (const ids of [
      ['a', 'b'],
      [...sample, 'd'],
    ]) {
      await assert.rejects(requireSameCells(rowsOf(ids), sample), {
        kind: 'data',
        message: new RegExp(`there are ${ids.length} rows to compare, but 3 cells in the sample`),
      });
    }
  });
}

test('a block is held to its place', () => {
  requireSameIds(['b', 'c'], sample, 'rows', 1);
  requireSameIds(['b'], sample, 'rows', 1);
  assert.throws(() => requireSameIds(['b'], sample, 'rows', 0), /row 0 of the rows is cell "b", but cell 0/);
  assert.throws(() => requireSameIds(['c', 'd'], sample, 'rows', 2), /there are 4 rows, but 3 cells/);
});
