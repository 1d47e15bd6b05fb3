/** Every malformed file ends in one clear message. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { requireReadableFilters } from '../../../lib/data/readers/h5ad/filters.ts';
import { judgeValues } from '../../../lib/data/readers/h5ad/values.ts';
import { openSource } from '../../../lib/data/readers/source.ts';
import { blockCounts, type H5adSpec, writeH5ad } from '../../helpers/h5ad.ts';
import { refusal } from '../../helpers/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'rankloom-refusals-'));
after(() => rmSync(folder, { recursive: true }));
const { rows, labels } = blockCounts(3, 30, 12);

const open = (path: string, matrix = 'auto') =>
  openSource({ source: path, matrix, label: 'cell_type', geneId: 'index' });

async function readAll(path: string, matrix = 'auto'): Promise<void> {
  const source = await open(path, matrix);
  try {
    for await (const _ of source.rows());
  } finally {
    await source.close();
  }
}

const write = (name: string, spec: Partial<H5adSpec>) =>
  writeH5ad(join(folder, name), { x: rows, obs: { cell_type: labels }, ...spec });
const refused = async (path: string, matrix?: string) => (await refusal(() => readAll(path, matrix))).all;

test('no such file, with the near miss', async () => {
  await write('atlas.h5ad', {});
  const all = await refused(join(folder, 'atlsa.h5ad'));
  assert.match(all, /^no such file/);
  assert.match(all, /Did you mean atlas\.h5ad/);
});

test('a folder', async () => {
  assert.match(await refused(folder), /this is a folder[\s\S]*It holds: .*\.h5ad/);
  mkdirSync(join(folder, 'store.zarr'));
  writeFileSync(join(folder, 'store.zarr', '.zgroup'), '{}');
  assert.match(
    await refused(join(folder, 'store.zarr')),
    /zarr folder, which is not supported yet[\s\S]*read_zarr/,
  );
  mkdirSync(join(folder, 'tenx'));
  writeFileSync(join(folder, 'tenx', 'matrix.mtx.gz'), '');
  assert.match(await refused(join(folder, 'tenx')), /10x folder[\s\S]*read_10x_mtx\('tenx'\)/);
});

const OTHER_FILES: Record<string, [Buffer | string, RegExp]> = {
  'empty.h5ad': ['', /the file is empty/],
  'packed.h5ad.gz': [gzipSync('x'), /gzip-compressed file, not an HDF5 file[\s\S]*gunzip packed\.h5ad\.gz/],
  'store.zarr.zip': ['PK\x03\x04aaaa.zgroup', /zipped zarr store/],
  'matrix.mtx': ['%%MatrixMarket matrix coordinate', /Matrix Market file/],
  'cells.csv': ['cell,gene\n1,2\n', /a text file/],
  'page.h5ad': ['<!DOCTYPE html><html>404', /a web page[\s\S]*download probably failed/],
  'pointer.h5ad': ['version https://git-lfs.github.com/spec/v1\n', /Git LFS pointer[\s\S]*git lfs pull/],
  'noise.h5ad': ['\x00\x01\x02\x03\x04\x05\x06\x07\x08', /not an HDF5 file/],
};
for (const [name, [content, message]] of Object.entries(OTHER_FILES)) {
  test(`not HDF5: ${name}`, async () => {
    writeFileSync(join(folder, name), content, 'latin1');
    assert.match(await refused(join(folder, name)), message);
  });
}

test('a truncated file, at any length', async () => {
  const bytes = readFileSync(await write('whole.h5ad', {}));
  for (const share of [0.001, 0.1, 0.5, 0.9, 0.999]) {
    const path = join(folder, 'cut.h5ad');
    writeFileSync(path, bytes.subarray(0, Math.ceil(bytes.length * share)));
    assert.match(await refused(path), /truncated|not an HDF5 file|cannot be read|cannot read/, `${share}`);
  }
  assert.match(await refused(join(folder, 'cut.h5ad')), new RegExp(`of ${bytes.length} bytes`));
});

test('a file damaged in the middle of its data', async () => {
  const path = await write('damaged.h5ad', { x: { values: rows, chunk: 400 } });
  const bytes = readFileSync(path);
  const at = bytes.indexOf(Buffer.from([0x78, 0x5e]));
  assert.ok(at > 0, 'a zlib stream is there to be damaged');
  bytes.fill(0xff, at + 2, at + 40);
  writeFileSync(path, bytes);
  assert.match(await refused(path), /cannot read X\/\w+: [\s\S]*damaged/);
});

test('HDF5 of another kind is named', async () => {
  const h5wasm = await import('h5wasm/node');
  await h5wasm.ready;
  const make = (name: string, groups: string[]) => {
    const file = new h5wasm.File(join(folder, name), 'w');
    for (const group of groups) file.create_group(group);
    file.close();
    return join(folder, name);
  };
  assert.match(
    await refused(make('a.h5', ['matrix', 'matrix/barcodes', 'matrix/features'])),
    /10x .*version 3/,
  );
  assert.match(
    await refused(make('b.h5', ['hg19', 'hg19/barcodes', 'hg19/genes'])),
    /10x .*version 2[\s\S]*read_10x_h5/,
  );
  assert.match(await refused(make('c.loom', ['matrix', 'row_attrs', 'col_attrs'])), /a loom file/);
  assert.match(await refused(make('d.h5mu', ['mod', 'obs_'])), /MuData/);
  assert.match(await refused(make('e.h5', ['entry'])), /not AnnData[\s\S]*It holds: entry/);
});

test('no matrix, no such matrix, an empty matrix', async () => {
  const none = await write('none.h5ad', { x: null, cells: ['a'], genes: ['b'], obs: {} });
  assert.match(await refused(none), /holds no matrix: there is no X/);
  const some = await write('some.h5ad', { layers: { counts: rows } });
  assert.match(await refused(some, 'layers/umi'), /no matrix layers\/umi[\s\S]*one of X, layers\/counts/);
  const noGenes = { rows: 2, columns: 0, indptr: [0, 0, 0], indices: [], values: [] };
  const empty = await write('empty.h5ad', { x: { values: noGenes }, cells: ['a', 'b'], genes: [], obs: {} });
  assert.match(await refused(empty), /X is empty: 2 cells × 0 genes/);
});

test('obs and matrix of different lengths', async () => {
  const path = await write('short.h5ad', { cells: ['a', 'b'], obs: {} });
  assert.match(await refused(path), /obs has 2 rows, the matrix asks for 90/);
});

test('a damaged sparse matrix', async () => {
  const sparse = { rows: 2, columns: 3, indptr: [0, 1, 2], indices: [0, 1], values: [1, 1] };
  const cases = {
    'indptr descends': { ...sparse, indptr: [0, 2, 1] },
    'indptr starts at 1': { ...sparse, indptr: [1, 1, 2] },
    'indptr has 2 values': { ...sparse, indptr: [0, 2] },
    'data has 2 entries': { ...sparse, indptr: [0, 1, 3] },
    'column 3 of 3': { ...sparse, indices: [0, 3] },
  };
  for (const [message, values] of Object.entries(cases)) {
    const path = await write('sparse.h5ad', { x: { values }, obs: {} });
    assert.match(await refused(path, 'X'), new RegExp(message));
  }
});

test('numbers of rows and columns that lie outside, with what to do', async () => {
  const values = [1, 1];
  const sparse = { rows: 2, columns: 3, indptr: [0, 1, 2], indices: [0, 3], values };
  const cases: [H5adSpec['x'], RegExp][] = [
    [{ values: sparse }, /column numbers from 0 to 2[\s\S]*make it again/],
    [{ values: { ...sparse, indices: [1, 3] } }, /column 3 of 3[\s\S]*count from 1, as R does/],
    [
      { values: { ...sparse, indptr: [0, 1, 2, 2], indices: [0, 2] }, layout: 'csc' },
      /row numbers from 0 to 1[\s\S]*make it again/,
    ],
    [
      { values: { ...sparse, indptr: [0, 1, 2, 2], indices: [1, 2] }, layout: 'csc' },
      /row 2 of 2[\s\S]*count from 1, as R does/,
    ],
    [{ values: { ...sparse, indptr: [0, 2, 1] } }, /indptr descends[\s\S]*Copy or download/],
  ];
  for (const [x, message] of cases) {
    assert.match(await refused(await write('outside.h5ad', { x, obs: {} }), 'X'), message);
  }
});

test('filters that cannot be read, by name, with how to rewrite the file', () => {
  const filter = (id: number) => () =>
    requireReadableFilters('/data/my.h5ad', 'X/data', [
      { id: 2, name: 'shuffle' },
      { id, name: 'x' },
    ]);
  assert.throws(
    filter(32000),
    (e: Error & { hint: string }) => /LZF/.test(e.message) && !/hdf5plugin/.test(e.hint),
  );
  assert.throws(
    filter(32001),
    (e: Error & { hint: string }) => /Blosc/.test(e.message) && /hdf5plugin/.test(e.hint),
  );
  assert.throws(filter(32008), /bitshuffle/);
  assert.throws(filter(32015), /Zstandard/);
  assert.throws(filter(40000), /compressed with x \(HDF5 filter 40000\)/);
  assert.doesNotThrow(filter(1));
  const gzip = { id: 1, name: 'deflate' };
  assert.throws(
    () => requireReadableFilters('/data/my.h5ad', 'X/data', [gzip, gzip]),
    /X\/data is compressed twice with gzip/,
  );
});

const changed = (value: number) =>
  rows.map((row, r) => (r === 61 ? row.map((v, c) => (c === 7 ? value : v)) : row));
for (const [layout, matrix] of [
  ['csr', 'X'],
  ['csr', 'auto'],
  ['csc', 'X'],
  ['csc', 'auto'],
  ['dense', 'X'],
  ['dense', 'auto'],
] as const) {
  test(`one value that is no count (${layout}, matrix ${matrix}): cell and gene are named`, async () => {
    for (const [value, text] of [
      [-2, 'negative values'],
      [2.5, 'mostly whole numbers'],
      [Number.NaN, 'missing or infinite'],
      [Infinity, 'missing or infinite'],
    ] as const) {
      const path = await write('value.h5ad', { x: { values: changed(value), layout, dtype: 'float64' } });
      const all = await refused(path, matrix);
      assert.ok(all.includes(`${value} for gene gene7 in cell cell61`), all);
      assert.ok(all.includes(text), all);
    }
  });
}

test('a count too large for a 32-bit float', async () => {
  const path = await write('large.h5ad', { x: { values: changed(2 ** 24 + 1), dtype: 'int32' } });
  assert.match(await refused(path, 'X'), /16777217 for gene gene7[\s\S]*up to 16777216/);
});

test('normalised values: says so, and where the counts are', async () => {
  const logged = rows.map((row) => {
    const total = row.reduce((a, b) => a + b);
    return row.map((value) => Math.log1p((1e4 * value) / total));
  });
  const path = await write('logged.h5ad', { x: logged, layers: { counts: rows } });
  const all = await refused(path, 'X');
  assert.match(all, /^X holds [\d.]+ for gene gene0 in cell cell0, which is not a count/);
  assert.match(all, /X looks log-normalised \(log\(1 \+ x\) of counts scaled to 10,000 per cell\)/);
  assert.match(all, /layers\/counts looks like counts: set dataset\.matrix/);

  const alone = await write('alone.h5ad', { x: logged, layers: { spliced: rows } });
  const auto = await refused(alone);
  assert.match(auto, /no counts found: X holds [\d.]+ for gene gene0 in cell cell0 and looks log-normalised/);
  assert.match(auto, /layers\/spliced looks like counts: name it in dataset\.matrix/);
});

test('judges values by what was done to them', () => {
  const scaled = rows.map((row) => {
    const total = row.reduce((a, b) => a + b);
    return Float64Array.from(row, (value) => (1e4 * value) / total);
  });
  const look = (values: Float64Array[], byRow = true) => judgeValues(values, byRow).look;
  const map = (f: (value: number) => number) => scaled.map((row) => row.map(f));
  assert.equal(look(rows.map((row) => Float64Array.from(row))), 'counts');
  assert.equal(look(scaled), 'normalised');
  assert.equal(look(map(Math.log1p)), 'log-normalised');
  assert.equal(look(map((v) => Math.log2(1 + v))), 'log-normalised');
  // Genes left out after normalisation: totals differ, but values are still multiples of one count.
  assert.equal(look(map(Math.log1p).map((row, i) => row.slice(i % 3))), 'log-normalised');
  assert.equal(look(rows.map((row) => Float64Array.from(row, Math.log1p))), 'log counts');
  assert.equal(look(map((v) => (v - 800) / 300)), 'scaled');
  assert.equal(look(map(Math.log1p), false), 'log-transformed');
  assert.equal(look([Float64Array.of(1, Number.NaN)]), 'not finite');
  assert.equal(look([]), 'empty');
  assert.equal(look([Float64Array.of(0, 0)]), 'empty');
});
