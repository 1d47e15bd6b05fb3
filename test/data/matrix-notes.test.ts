import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cellsHasher, hashCells } from '../../lib/data/kinds/cells-hash.ts';
import { createMatrix, openMatrix } from '../../lib/data/kinds/matrix.ts';
import { matrixNotes } from '../../lib/data/kinds/matrix-notes.ts';

test('notes are checked: no number, no guess', () => {
  assert.deepEqual(matrixNotes({ genes_used: '12' }), { genesUsed: 12, dense: false });
  assert.deepEqual(matrixNotes({ genes_used: '0', layout: 'dense' }), { genesUsed: 0, dense: true });
  for (const genes_used of [undefined, '', '1.5', '-1', 'NaN', ' 3', '1e3', '99999999999999999999']) {
    const notes = genes_used === undefined ? {} : { genes_used };
    assert.throws(() => matrixNotes(notes as Record<string, string>, 'rank'), {
      kind: 'data',
      message: /genes_used/,
      where: 'rank',
    });
  }
  assert.throws(() => matrixNotes({ genes_used: '1', layout: 'sparse' }), {
    kind: 'data',
    message: /layout is "sparse"/,
  });
});

test('the hash of cells knows their order and where one id ends', () => {
  assert.notEqual(hashCells(['a', 'b']), hashCells(['b', 'a']));
  assert.notEqual(hashCells(['a', 'bc']), hashCells(['ab', 'c']));
  assert.notEqual(hashCells(['1:a']), hashCells(['a']));
  const pieces = cellsHasher();
  for (const ids of [['a'], [], ['b', 'c']]) pieces.add(ids);
  assert.equal(pieces.end(), hashCells(['a', 'b', 'c']));
});

test('a matrix tells which cells its rows are without being read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rankloom-notes-'));
  try {
    const path = join(folder, 'm.arrow');
    const writer = await createMatrix(path, 2);
    const block = {
      rows: 1,
      columns: 2,
      indptr: Uint32Array.of(0, 1),
      indices: Int32Array.of(1),
      values: Float32Array.of(3),
    };
    await writer.append(block, ['x']);
    await writer.append(block, ['y']);
    await writer.close();
    assert.equal(await (await openMatrix(path)).cellsHash(), hashCells(['x', 'y']));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
