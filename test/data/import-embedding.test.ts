import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { splitLine } from '../../lib/data/files/delimited.ts';
import { chooseDimensions } from '../../lib/data/imports/dimensions.ts';
import {
  alignEmbedding,
  type ImportedEmbedding,
  importNotes,
  readImportedEmbedding,
} from '../../lib/data/imports/embedding.ts';
import { refusal } from '../helpers/source.ts';

const golden = join(import.meta.dirname, '..', 'golden', 'formats');
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rankloom-import-'));
});
after(() => rm(folder, { recursive: true }));

/** The matrix of test/golden/formats/make_imports.py. */
const cells = Array.from({ length: 300 }, (_, i) => `cell-${i}`);
const values = Float32Array.from({ length: 900 }, (_, i) => i / 8 - 10);

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

for (const name of [
  'pandas_index.parquet',
  'pandas_zstd.parquet',
  'pyarrow_gzip.parquet',
  'pyarrow_brotli.parquet',
  'pyarrow_lz4.parquet',
  'pyarrow_none.parquet',
  'polars.parquet',
  'pandas_lz4.feather',
  'pandas_zstd.feather',
  'polars_views.arrow',
]) {
  test(`reads ${name}`, async () => {
    const imported = await readImportedEmbedding(join(golden, name), ['a', 'b', 'c']);
    assert.deepEqual(imported.cellIds, cells);
    assert.deepEqual(imported.columns, ['a', 'b', 'c']);
    assert.equal(imported.dims, 3);
    assert.deepEqual(imported.values, values);
  });
}

for (const name of ['pyarrow_lists.arrow', 'pyarrow_lists.parquet']) {
  test(`reads ${name}: a list column is as many dimensions as its lists are long`, async () => {
    const imported = await readImportedEmbedding(join(golden, name));
    assert.deepEqual(imported.cellIds, cells, 'barcode goes before the first column of text');
    assert.deepEqual(imported.columns, ['X_1', 'X_2', 'X_3']);
    assert.deepEqual(imported.ignored, ['label']);
    assert.deepEqual(imported.values, values);
  });
}

test('reads lists of half floats as the numbers that they are', async () => {
  const { Field, FixedSizeList, Float16, List, Table, tableToIPC, Utf8, vectorFromArray } = await import(
    'apache-arrow'
  );
  const item = new Field('item', new Float16());
  const rows = [
    [0.5, -1.25],
    [2.75, 0.125],
  ];
  for (const type of [new List(item), new FixedSizeList(2, item)]) {
    const table = new Table({
      cell_id: vectorFromArray(['a', 'b'], new Utf8()),
      X: vectorFromArray(rows, type as InstanceType<typeof List>),
    });
    const path = await write('half.arrow', tableToIPC(table, 'file'));
    assert.deepEqual((await readImportedEmbedding(path)).values, Float32Array.from(rows.flat()));
  }
});

test('reads a .npy, which has no ids', async () => {
  const imported = await readImportedEmbedding(join(golden, 'f4.npy'));
  assert.equal(imported.cellIds, undefined);
  assert.equal(imported.rows, 300);
  assert.deepEqual(imported.columns, ['d1', 'd2', 'd3']);
  assert.deepEqual(
    alignEmbedding(imported, ['cell-2', 'cell-0'], cells),
    Float32Array.of(...values.slice(6, 9), ...values.slice(0, 3)),
  );
  assert.throws(() => alignEmbedding(imported, ['cell-2', 'cell-0']), {
    message: /300 rows and no cell ids/,
    expected: /^2 rows/,
  });
});

test('reads .csv with quotes, an empty first header, Windows line ends and a byte order mark', async () => {
  const text = '\ufeff"",d1,"label","d,2"\r\n"é ""x""",1.5,T,-2e3\r\nb,.5,"B, c",4\r\n';
  const imported = await readImportedEmbedding(await write('quoted.csv', text), ['d1', 'd,2']);
  assert.deepEqual(imported.cellIds, ['é "x"', 'b']);
  assert.deepEqual(imported.columns, ['d1', 'd,2']);
  assert.deepEqual(imported.ignored, ['label']);
  assert.deepEqual(imported.values, Float32Array.of(1.5, -2000, 0.5, 4));
});

test('reads .tsv as R writes it, without a name over the ids, and gzipped', async () => {
  const path = await write('r.tsv.gz', gzipSync('UMAP_1\tUMAP_2\na\t1.5\t2\nb\t3\t4.5\n'));
  const imported = await readImportedEmbedding(path);
  assert.deepEqual(imported.cellIds, ['a', 'b']);
  assert.deepEqual(imported.columns, ['UMAP_1', 'UMAP_2']);
  assert.deepEqual(imported.values, Float32Array.of(1.5, 2, 3, 4.5));
});

test('a column of text is one of numbers if its first value is read as one, in decimal digits', async () => {
  const text = 'id,d_1,d_2,d_3,d_4\na,+3,5., inf ,-1.#IND\nb,1e5,.5,-Infinity,#N/A N/A\n';
  const columns = ['d_1', 'd_2', 'd_3', 'd_4'];
  const { values } = await readImportedEmbedding(await write('forms.csv', text), columns);
  const expected = [3, 5, Infinity, Number.NaN, 1e5, 0.5, -Infinity, Number.NaN];
  assert.deepEqual(values, Float32Array.from(expected));
  for (const other of ['0x1F', '0b11', '0o17', '1_000', 'e5', '.']) {
    const path = await write('other.csv', `id,x,y\na,1,${other}\nb,${other},2\n`);
    assert.match(
      (await refusal(() => readImportedEmbedding(path, ['y']))).all,
      /"y" holds no numbers|in column "x"/,
    );
  }
});

test('a column numbered like the dimensions is not left out for what it holds', async () => {
  const path = await write('comma.csv', 'id,UMAP_1,UMAP_2,UMAP_3\na,1.5,2,"1,5"\nb,3,4.5,2\n');
  assert.match(
    (await refusal(() => readImportedEmbedding(path))).all,
    /"UMAP_3" is numbered like the dimensions UMAP_1 … UMAP_2, but does not hold numbers/,
  );
  assert.deepEqual((await readImportedEmbedding(path, ['UMAP_1', 'UMAP_2'])).ignored, ['UMAP_3']);
});

test('numbers kept as a dictionary are numbers', async () => {
  const { Dictionary, Float32, Int8, Int32, Table, tableToIPC, Utf8, vectorFromArray } = await import(
    'apache-arrow'
  );
  const table = new Table({
    cell_id: vectorFromArray(['a', 'b', 'c'], new Utf8()),
    d_1: vectorFromArray([0.5, 1.5, 0.5], new Dictionary(new Float32(), new Int8())),
    d_2: vectorFromArray([7, 7, null], new Dictionary(new Int32(), new Int8())),
  });
  const path = await write('dictionary.feather', tableToIPC(table, 'file'));
  const { columns, values } = await readImportedEmbedding(path, ['d_1', 'd_2']);
  assert.deepEqual(columns, ['d_1', 'd_2']);
  assert.deepEqual(values, Float32Array.of(0.5, 7, 1.5, 7, 0.5, Number.NaN));
});

test('splits lines at separators outside quotes', () => {
  assert.deepEqual(splitLine('a,,c,', ','), ['a', '', 'c', '']);
  assert.deepEqual(splitLine('"a,b","c""d",', ','), ['a,b', 'c"d', '']);
  assert.equal(splitLine('"a,b', ','), undefined);
});

const refusals: { name: string; content: string | Uint8Array; message: RegExp; where?: RegExp }[] = [
  {
    name: 'words.csv',
    content: 'id,x\na,1\nb,one\n',
    message: /"one" in column "x" for "b"/,
    where: /words\.csv:3$/,
  },
  {
    name: 'latin1.csv',
    content: Buffer.from('id,x\na,1\n\xe9,2\n', 'latin1'),
    message: /not UTF-8/,
    where: /latin1\.csv:3$/,
  },
  { name: 'short.csv', content: 'id,x,y\na,1,2\nb,1\n', message: /has 2 columns/, where: /short\.csv:3$/ },
  { name: 'semicolons.csv', content: 'id;x\na;1\n', message: /has one column/, where: /:2$/ },
  { name: 'open.csv', content: 'id,x\n"a,1\n', message: /quote is not closed/, where: /:2$/ },
  { name: 'empty.csv', content: '', message: /is empty/ },
  { name: 'text.csv', content: 'id,label\na,T\n', message: /no columns of numbers/ },
  { name: 'no.parquet', content: 'this is no parquet file at all', message: /cannot be read/ },
  { name: 'no.arrow', content: 'this is no arrow file at all', message: /does not begin with ARROW1/ },
  { name: 'cut.arrow', content: 'ARROW1\0\0and then the download stopped', message: /truncated/ },
  { name: 'what.xlsx', content: 'x', message: /not known from its name/ },
];
for (const { name, content, message, where } of refusals) {
  test(`refuses ${name}`, async () => {
    const path = await write(name, content);
    await assert.rejects(readImportedEmbedding(path), (error: Error & { kind?: string; where?: string }) => {
      assert.match(error.message, message);
      assert.equal(error.kind, 'data');
      if (where !== undefined) assert.match(error.where ?? '', where);
      return true;
    });
  });
}

test('refuses a file that does not exist', async () => {
  await assert.rejects(readImportedEmbedding(join(folder, 'absent.csv')), { message: 'no such file' });
});

const imported = (over: Partial<ImportedEmbedding>): ImportedEmbedding => ({
  path: 'their.csv',
  cellIds: ['a', 'b', 'c'],
  rows: 3,
  dims: 2,
  values: Float32Array.of(1, 2, 3, 4, 5, 6),
  columns: ['x', 'y'],
  ignored: [],
  leftOut: [],
  ...over,
});

test('puts rows in the order of the wanted cells', () => {
  assert.deepEqual(alignEmbedding(imported({}), ['c', 'a']), Float32Array.of(5, 6, 1, 2));
  assert.deepEqual(alignEmbedding(imported({}), []), new Float32Array(0));
});

test('says how many wanted cells are missing, with examples of both sides', () => {
  assert.throws(() => alignEmbedding(imported({}), ['a', 'b-1', 'c-1', 'd-1', 'e-1']), {
    message: '4 of the 5 wanted ids are not in the file: "b-1", "c-1", "d-1", …',
    where: 'their.csv',
    hint: 'Ids in the file look like this: "a", "b", "c"',
  });
});

test('refuses an id that stands in the file twice, whether it is wanted or not', () => {
  const twice = imported({ cellIds: ['a', 'b', 'a'] });
  assert.throws(() => alignEmbedding(twice, ['a']), { message: 'the id "a" stands in rows 1 and 3' });
  assert.throws(() => alignEmbedding(twice, ['b']), { message: 'the id "a" stands in rows 1 and 3' });
});

test('refuses missing and infinite values of wanted cells, with cell and column', async () => {
  const path = await write('holes.csv', 'id,x,y\na,1,\nb,inf,2\nc,3,4\nd,1e39,0\n');
  const holes = await readImportedEmbedding(path, ['x', 'y']);
  assert.throws(() => alignEmbedding(holes, ['c', 'a']), {
    message: /value of "a" in column "y" is missing/,
  });
  assert.throws(() => alignEmbedding(holes, ['b']), { message: /value of "b" in column "x" is Infinity/ });
  assert.throws(() => alignEmbedding(holes, ['d']), { message: /Infinity/, expected: /float32/ });
  assert.deepEqual(alignEmbedding(holes, ['c']), Float32Array.of(3, 4));
});

const dimensions = (columns: string[], wanted?: string[], values?: number[]) =>
  chooseDimensions(
    {
      path: 'their.csv',
      columns,
      ignored: ['note'],
      rows: 1,
      values: Float32Array.from(values ?? columns.map((_, c) => c + 0.5)),
    },
    wanted,
  );
const refusedDimensions = (columns: string[], wanted?: string[], values?: number[]) =>
  refusal(async () => dimensions(columns, wanted, values));

test('dimensions are one run of numbered columns, and nothing beside it', () => {
  for (const run of [
    ['UMAP_1', 'UMAP_2'],
    ['0', '1', '2'],
    ['PC01', 'PC02', 'PC03'],
    ['d0', 'd1'],
    ['dim 2', 'dim 1'],
    ['feature_0', 'feature_1'],
  ]) {
    const { places, leftOut } = dimensions(['n_counts', ...run, 'leiden', 'batch']);
    assert.deepEqual([places, leftOut], [run.map((_, i) => i + 1), ['n_counts', 'leiden', 'batch']]);
  }
});

test('columns that cannot be told are refused with their names', async () => {
  for (const columns of [
    ['x', 'y'],
    ['UMAP_1'],
    ['UMAP_1', 'UMAP_3'],
    ['UMAP_2', 'UMAP_3'],
    ['leiden_1', 'leiden_2'],
    ['RNA_snn_res.0', 'RNA_snn_res.1'],
    ['batch1', 'batch2'],
    ['n_counts_1', 'n_counts_2'],
    ['UMAP_1', 'UMAP_2', 'UMAP_2'],
  ]) {
    const { all } = await refusedDimensions(columns);
    for (const name of columns) assert.ok(all.includes(`"${name}"`), name);
  }
  assert.match(
    (await refusedDimensions(['UMAP_1', 'UMAP_2', 'PC_1', 'PC_2'])).all,
    /several runs.*UMAP_1 … UMAP_2, PC_1 … PC_2/,
  );
  assert.match(
    (await refusedDimensions(['a1', 'a2'], undefined, [1.5, 3])).all,
    /"a2" holds only whole numbers/,
  );
});

test('named columns are taken in their order, also whole numbers; others are refused with the nearest', async () => {
  assert.deepEqual(dimensions(['x', 'leiden', 'y'], ['y', 'x']).places, [2, 0]);
  assert.deepEqual(dimensions(['x', 'y'], ['x'], [1, 2]).leftOut, ['y']);
  assert.match(
    (await refusedDimensions(['UMAP_1', 'UMAP_2'], ['UMAP1'])).all,
    /no column "UMAP1"[\s\S]*did you mean "UMAP_1"/,
  );
  assert.match((await refusedDimensions(['x'], ['note'])).all, /"note" holds no numbers/);
  assert.match((await refusedDimensions(['x'], ['x', 'x'])).all, /"x" stands twice/);
});

test('notes tell rows and columns that were left out, and cells that are lacking', () => {
  const notes = importNotes(imported({ leftOut: ['leiden'], ignored: ['label'] }), ['a', 'b', 'd']);
  assert.match(notes[0], /1 rows of the file, such as "c", are no cell/);
  assert.match(notes[1], /1 cells of the dataset, such as "d", are not in the file/);
  assert.match(notes[2], /2 columns are dimensions \(x … y\); left out: leiden, label/);
  assert.deepEqual(importNotes(imported({}), ['a', 'b', 'c']), []);
  assert.match(importNotes(imported({ cellIds: undefined }), ['a', 'b', 'c'])[0], /no cell ids/);
});
