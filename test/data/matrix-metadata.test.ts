import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cellsHasher, hashCells } from '../../lib/data/kinds/cells-hash.ts';
import { createMatrix, openMatrix } from '../../lib/data/kinds/matrix.ts';
import { decodeMetadata, encodeMetadata, type MatrixMetadata } from '../../lib/data/kinds/matrix-metadata.ts';

const good = { genes_used: '12', layout: 'sparse', value: 'counts' };

test('metadata are required when read, and checked: no number, no guess', () => {
  assert.deepEqual(decodeMetadata({ ...good, encoding: 'rank' }, 'x'), {
    metadata: { genesUsed: 12, layout: 'sparse', value: 'counts' },
    notes: { encoding: 'rank' },
  });
  assert.equal(decodeMetadata({ ...good, genes_used: '0', layout: 'dense' }, 'x').metadata.layout, 'dense');
  for (const name of ['genes_used', 'layout', 'value']) {
    const { [name]: _, ...rest } = good as Record<string, string>;
    const message = `the notes of the matrix say no ${name}`;
    assert.throws(() => decodeMetadata(rest, 'a.arrow'), { kind: 'data', message, where: 'a.arrow' });
  }
  for (const genes_used of ['', '1.5', '-1', 'NaN', ' 3', '1e3', '99999999999999999999']) {
    assert.throws(() => decodeMetadata({ ...good, genes_used }, 'x'), {
      kind: 'data',
      message: /genes_used is/,
    });
  }
  assert.throws(() => decodeMetadata({ ...good, layout: 'wide' }, 'x'), {
    kind: 'data',
    message: /layout is "wide"/,
  });
});

test('metadata that cannot be are not written', () => {
  const metadata: MatrixMetadata = { genesUsed: 3, layout: 'sparse', value: 'counts' };
  assert.deepEqual(encodeMetadata(metadata, 2, { genes: 'all' }), {
    genes: 'all',
    genes_used: '3',
    layout: 'sparse',
    value: 'counts',
  });
  for (const genesUsed of [Number.NaN, -1, 1.5]) {
    assert.throws(() => encodeMetadata({ ...metadata, genesUsed }, 2), /genesUsed is/);
  }
  assert.throws(() => encodeMetadata({ ...metadata, layout: 'dense' }, 2), /3 dimensions take part/);
  assert.throws(() => encodeMetadata({ ...metadata, layout: 'wide' as 'dense' }, 2), /layout is "wide"/);
  assert.throws(() => encodeMetadata({ ...metadata, value: '' }, 2), /value is ""/);
  assert.throws(() => encodeMetadata(metadata, 2, { layout: 'dense' }), /"layout" is said by the metadata/);
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
    const writer = await createMatrix(path, {
      columns: 2,
      metadata: { genesUsed: 2, layout: 'sparse', value: 'counts' },
    });
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
