/** Reads a source of cells whole, for tests. */
import assert from 'node:assert/strict';
import type { CsrBlock } from '../../lib/cells/csr.ts';
import type { CellSource } from '../../lib/cells/source.ts';
import { type ErrorKind, OperationalError } from '../../lib/errors.ts';

/** All rows as a dense table. Checks on the way that blocks follow on each other and rows are canonical. */
export async function denseRows(source: CellSource): Promise<number[][]> {
  const table: number[][] = [];
  for await (const block of source.rows()) {
    assert.equal(block.start, table.length);
    checkCanonical(block);
    for (let row = 0; row < block.rows; row++) {
      const dense = new Array<number>(block.columns).fill(0);
      for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++)
        dense[block.indices[i]] = block.values[i];
      table.push(dense);
    }
  }
  assert.equal(table.length, source.cells);
  return table;
}

/** Fails unless indptr fits, columns ascend strictly within a row, and no zero is stored. */
export function checkCanonical({ rows, columns, indptr, indices, values }: CsrBlock): void {
  assert.equal(indptr.length, rows + 1);
  assert.equal(indptr[0], 0);
  assert.equal(indptr[rows], indices.length);
  assert.equal(indices.length, values.length);
  for (let row = 0; row < rows; row++) {
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      assert.ok(indices[i] >= 0 && indices[i] < columns);
      assert.ok(i === indptr[row] || indices[i - 1] < indices[i], `row ${row} is not sorted`);
      assert.notEqual(values[i], 0);
    }
  }
}

/** The error that an action ends in, which must be one for people, with all its text in one string. */
export async function refusal(
  action: () => Promise<unknown>,
  kind: ErrorKind = 'data',
): Promise<{ message: string; all: string }> {
  try {
    await action();
  } catch (error) {
    assert.ok(error instanceof OperationalError, `not an error for people: ${error}`);
    assert.equal(error.kind, kind);
    const { message, expected, where, hint } = error;
    return { message, all: [message, expected, where, hint].join('\n') };
  }
  return assert.fail('nothing was refused');
}
