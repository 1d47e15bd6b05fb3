import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import type { CsrBlock } from '../../lib/cells/csr.ts';
import { matrix } from '../../lib/data/kinds/matrix.ts';
import type { MatrixMetadata } from '../../lib/data/kinds/matrix-metadata.ts';
import { BLOCK_ENTRIES, BLOCK_ROWS } from '../../lib/data/kinds/ragged.ts';
import { cellNames, rowsOf, sha256, sparse, streamOf, temporaryFolder } from './generate.ts';

const file = temporaryFolder();

const metadataOf = ({ columns }: CsrBlock): MatrixMetadata => ({
  genesUsed: columns,
  layout: 'sparse',
  value: 'é',
});

/** Writes a matrix in pieces that end at `cuts`. */
async function write(path: string, whole: CsrBlock, cuts: number[] = [], notes?: Record<string, string>) {
  const writer = await matrix()
    .output(path)
    .create({ columns: whole.columns, metadata: metadataOf(whole), notes });
  let start = 0;
  for (const end of [...cuts, whole.rows]) {
    await writer.append(rowsOf(whole, start, end), cellNames(end - start, start));
    start = end;
  }
  await writer.close();
}

async function readWhole(path: string) {
  const reader = await matrix().input(path).open();
  const { rows, columns, nnz, metadata, notes } = reader;
  const ids: string[] = [];
  const whole = await reader.readAll({ cellIds: ids });
  const cellIds = await reader.cellIds();
  assert.deepEqual(ids, cellIds);
  await reader.close();
  return { rows, columns, nnz, metadata, notes, whole, cellIds };
}

for (const [rows, columns, perRow] of [
  [0, 5, 0],
  [1, 1, 1],
  [1, 5, 0],
  [3, 0, 0],
  [100, 50, 5],
  [4096, 20, 3],
  [4097, 20, 3],
  [9000, 200, 20],
]) {
  test(`reads back what it wrote: ${rows} × ${columns}`, async () => {
    const path = file(`round-${rows}-${columns}-${perRow}.arrow`);
    const whole = sparse(rows, columns, perRow);
    await write(path, whole, [], { genes: 'all' });
    const read = await readWhole(path);
    assert.deepEqual(read, {
      rows,
      columns,
      nnz: whole.indices.length,
      metadata: metadataOf(whole),
      notes: { genes: 'all' },
      whole,
      cellIds: cellNames(rows),
    });
  });
}

test('the bytes do not depend on how the rows were cut', async () => {
  const whole = sparse(9000, 30, 4);
  await write(file('whole.arrow'), whole);
  const random = streamOf('cuts');
  const ways = [
    [4096, 8192],
    [4095, 4096, 4097, 8999],
    [0, 0, 5000, 5000],
    Array.from({ length: 89 }, (_, i) => (i + 1) * 100),
    ...Array.from({ length: 5 }, () => [...random.sample(9000, 40)]),
  ];
  for (const [i, cuts] of ways.entries()) {
    await write(file(`cut-${i}.arrow`), whole, cuts);
    assert.equal(sha256(file(`cut-${i}.arrow`)), sha256(file('whole.arrow')), `cut at ${cuts.slice(0, 5)}`);
  }
});

test('the order of notes does not change the bytes', async () => {
  const whole = sparse(3, 3, 1);
  await write(file('notes-1.arrow'), whole, [], { b: '2', a: '1' });
  await write(file('notes-2.arrow'), whole, [], { a: '1', b: '2' });
  assert.equal(sha256(file('notes-1.arrow')), sha256(file('notes-2.arrow')));
});

test('blocks keep both limits, also around a row that is longer than a block', async () => {
  const columns = BLOCK_ENTRIES + 10;
  const full = (entries: number): CsrBlock => ({
    rows: 1,
    columns,
    indptr: Uint32Array.of(0, entries),
    indices: Int32Array.from({ length: entries }, (_, i) => i),
    values: new Float32Array(entries).fill(1),
  });
  const path = file('long.arrow');
  const writer = await matrix()
    .output(path)
    .create({ columns, metadata: { genesUsed: columns, layout: 'sparse', value: 'counts' } });
  const lengths = [3, BLOCK_ENTRIES + 5, 1, BLOCK_ENTRIES - 1, 2, 0];
  for (const [i, entries] of lengths.entries()) await writer.append(full(entries), [`cell-${i}`]);
  await writer.close();
  const reader = await matrix().input(path).open();
  const blocks: number[][] = [];
  let starts = 0;
  for await (const block of reader.blocks()) {
    assert.equal(block.start, starts);
    starts += block.rows;
    blocks.push([...block.indptr]);
  }
  await reader.close();
  assert.deepEqual(blocks, [
    [0, 3],
    [0, BLOCK_ENTRIES + 5],
    [0, 1, BLOCK_ENTRIES],
    [0, 2, 2],
  ]);
  assert.equal(
    reader.nnz,
    lengths.reduce((a, b) => a + b),
  );
  assert.ok(BLOCK_ROWS <= 4096);
});

test('several passes may run at once, and a pass may be left early', async () => {
  const path = file('passes.arrow');
  const whole = sparse(9000, 30, 4);
  await write(path, whole);
  const reader = await matrix().input(path).open();
  for await (const block of reader.blocks()) {
    assert.equal(block.rows, 4096);
    break;
  }
  const one = reader.blocks()[Symbol.asyncIterator]();
  await one.next();
  assert.deepEqual(await reader.readAll(), whole);
  assert.equal((await one.next()).value?.start, 4096);
  await reader.close();
});

test('is a table of lists without nulls to other readers, its size in the metadata', async () => {
  const path = file('other.arrow');
  await write(
    path,
    {
      rows: 2,
      columns: 9,
      indptr: Uint32Array.of(0, 2, 2),
      indices: Int32Array.of(1, 8),
      values: Float32Array.of(0.5, -2),
    },
    [],
    { genes: 'all' },
  );
  const read = tableFromIPC(readFileSync(path));
  assert.equal(
    String(read.schema),
    'Schema<{ 0: cell_id: Utf8, 1: genes: List<Int32>, 2: values: List<Float32> }>',
  );
  const { cells, ...rest } = Object.fromEntries(read.schema.metadata);
  assert.match(cells, /^[0-9a-f]{64}$/, 'which cells the rows are');
  assert.deepEqual(rest, {
    kind: 'matrix',
    columns: '9',
    notes: '{"genes":"all","genes_used":"9","layout":"sparse","value":"é"}',
    rows: '2',
    nnz: '2',
  });
  assert.deepEqual(JSON.parse(JSON.stringify(read.toArray())), [
    { cell_id: 'cell-0', genes: [1, 8], values: [0.5, -2] },
    { cell_id: 'cell-1', genes: [], values: [] },
  ]);
});

const block = (indices: number[], values: number[], over: Partial<CsrBlock> = {}): CsrBlock => ({
  rows: 1,
  columns: 4,
  indptr: Uint32Array.of(0, indices.length),
  indices: Int32Array.from(indices),
  values: Float32Array.from(values),
  ...over,
});
for (const [what, bad, message] of [
  ['columns out of order', block([2, 1], [1, 1]), /cell "b" \(row 1\): column 1 comes after column 2/],
  ['a column twice', block([2, 2], [1, 1]), /column 2 comes after column 2/],
  ['a column beyond the last', block([4], [1]), /column 4 of 4/],
  ['a negative column', block([-1], [1]), /column -1 is negative/],
  ['a stored zero', block([0], [0]), /a stored value of 0 in column 0/],
  ['NaN', block([3], [Number.NaN]), /a stored value of NaN in column 3/],
  ['infinity', block([3], [Infinity]), /a stored value of Infinity in column 3/],
  ['another number of columns', block([], [], { columns: 5 }), /5 columns instead of 4/],
  [
    'another number of cell ids',
    block([], [], { rows: 2, indptr: Uint32Array.of(0, 0, 0) }),
    /2 rows and 1 cell ids/,
  ],
  ['an indptr that begins later', block([1], [1], { indptr: Uint32Array.of(1, 1) }), /beginning with 1/],
  ['too few values', block([0, 1], [1]), /2 indices and 1 values for 2 entries/],
] as const) {
  test(`refuses to write ${what}`, async () => {
    const writer = await matrix()
      .output(file('bad.arrow'))
      .create({ columns: 4, metadata: { genesUsed: 4, layout: 'sparse', value: 'counts' } });
    await writer.append(block([0], [1]), ['a']);
    await assert.rejects(writer.append(bad, ['b']), { message });
    await writer.close();
  });
}

test('refuses a file of another kind', async () => {
  const { tokens } = await import('../../lib/data/kinds/tokens.ts');
  const writer = await tokens().output(file('tokens.arrow')).create();
  await writer.close();
  await assert.rejects(matrix().input(file('tokens.arrow')).open(), {
    kind: 'data',
    message: /not a file of kind matrix: it has cell_id: Utf8, tokens: List<Int32>/,
  });
});
