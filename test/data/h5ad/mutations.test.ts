/**
 * A valid atlas with one thing changed: it gives what its writer meant, or is refused with what is wrong. Nothing gives
 * other values without a word.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inspectFile } from '../../../lib/data/inspect/inspect.ts';
import { readObsm } from '../../../lib/data/readers/h5ad/obsm.ts';
import { openSource } from '../../../lib/data/readers/source.ts';
import {
  ATLAS_COUNTS,
  atlasParts,
  type Part,
  type Parts,
  typed,
  writeParts,
} from '../../helpers/h5-parts.ts';
import { denseRows, refusal } from '../../helpers/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'rankloom-mutations-'));
after(() => rmSync(folder, { recursive: true }));
let made = 0;

const EXPECTED = {
  cells: ['cell0', 'cell1', 'cell2', 'cell3', 'cell4', 'cell5'],
  genes: ['gene0', 'gene1', 'gene2', 'gene3'],
  labels: ['B', 'NK', 'T', 'B', 'NK', null] as (string | null)[],
  batches: ['1', '1', '1', '2', '2', '2'] as (string | null)[],
  rows: ATLAS_COUNTS,
};
type Values = typeof EXPECTED;

async function readAll(path: string, options: Record<string, string> = {}): Promise<Values> {
  const dataset = {
    source: path,
    matrix: 'auto',
    label: 'cell_type',
    batch: 'lane',
    geneId: 'index',
    ...options,
  };
  const source = await openSource(dataset);
  try {
    return {
      cells: await source.cellIds(),
      genes: await source.geneIds(),
      labels: await source.labels(),
      batches: (await source.batches()) ?? [],
      rows: await denseRows(source),
    };
  } finally {
    await source.close();
  }
}

type Change = (parts: Parts, part: (path: string, change: Part) => void) => void;

async function write(change: Change): Promise<string> {
  const parts = atlasParts();
  change(parts, (path, more) => {
    const old = parts.get(path);
    parts.set(path, { ...old, ...more, attributes: { ...old?.attributes, ...more.attributes } });
  });
  return writeParts(join(folder, `${made++}.h5ad`), parts);
}

const set =
  (path: string, more: Part): Change =>
  (_, part) =>
    part(path, more);
const drop =
  (...paths: string[]): Change =>
  (parts) => {
    for (const path of paths) parts.delete(path);
  };
const attribute = (path: string, name: string, value: unknown): Change =>
  set(path, { attributes: { [name]: value } });
const rename =
  (from: string, to: string): Change =>
  (parts) => {
    for (const [path, part] of [...parts]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      parts.delete(path);
      parts.set(to + path.slice(from.length), part);
    }
  };
const all =
  (...changes: Change[]): Change =>
  (parts, part) => {
    for (const change of changes) change(parts, part);
  };
const nullable =
  (path: string, kind: string, values: Part, mask: number[]): Change =>
  (parts) => {
    for (const old of [...parts.keys()]) if (old === path || old.startsWith(`${path}/`)) parts.delete(old);
    parts.set(path, { attributes: { 'encoding-type': `nullable-${kind}`, 'encoding-version': '0.1.0' } });
    parts.set(`${path}/values`, values);
    parts.set(`${path}/mask`, { data: mask, dtype: '<B' });
  };
const long = (...values: bigint[]) => new BigInt64Array(values);
const codes = (data: unknown, dtype = '<i') => set('obs/cell_type/codes', { data, dtype });
const categories = (data: unknown, dtype: string) =>
  set('obs/cell_type/categories', { data, dtype, attributes: { 'encoding-type': 'array' } });
const labelled = (...labels: (string | null)[]): Partial<Values> => ({ labels });

/** Changes that mean the same as before, or what is given here. */
const READ: Record<string, [change: Change, expected?: Partial<Values>, options?: Record<string, string>]> = {
  nothing: [() => {}],
  'codes of 64 bits': [codes(long(0n, 1n, 2n, 0n, 1n, -1n), '<q')],
  'codes in chunks': [set('obs/cell_type/codes', { chunks: [2] })],
  'categories beyond 2⁵³': [
    categories(long(2n ** 60n, 2n ** 60n + 1n, -(2n ** 62n) - 1n), '<q'),
    labelled(
      '1152921504606846976',
      '1152921504606846977',
      '-4611686018427387905',
      '1152921504606846976',
      '1152921504606846977',
      null,
    ),
  ],
  'unsigned categories beyond 2⁶³': [
    categories(new BigUint64Array([2n ** 64n - 1n, 2n ** 64n - 2n, 1n]), '<Q'),
    labelled(
      '18446744073709551615',
      '18446744073709551614',
      '1',
      '18446744073709551615',
      '18446744073709551614',
      null,
    ),
  ],
  'decimal categories, as Python prints them': [
    categories([0.1, 2, 1e-5], '<d'),
    labelled('0.1', '2.0', '1e-05', '0.1', '2.0', null),
  ],
  'categories as a nullable array of text': [
    nullable('obs/cell_type/categories', 'string-array', { data: ['B', 'NK', 'T'], dtype: 'S' }, [0, 0, 0]),
  ],
  'categories as nullable integers': [
    nullable(
      'obs/cell_type/categories',
      'integer',
      { data: long(3n, 2n ** 60n + 1n, 5n), dtype: '<q' },
      [0, 0, 0],
    ),
    labelled('3', '1152921504606846977', '5', '3', '1152921504606846977', null),
  ],
  'labels as a nullable array of text': [
    nullable(
      'obs/cell_type',
      'string-array',
      { data: ['B', 'NK', 'T', 'B', 'NK', ''], dtype: 'S' },
      [0, 0, 0, 0, 0, 1],
    ),
  ],
  'batches as nullable integers beyond 2⁵³': [
    nullable(
      'obs/lane',
      'integer',
      { data: long(1n, 2n ** 60n, 1n, 2n, 2n, 2n), dtype: '<q' },
      [0, 0, 1, 0, 0, 0],
    ),
    { batches: ['1', '1152921504606846976', null, '2', '2', '2'] },
  ],
  'cell ids beyond 2⁵³': [
    set('obs/lane', { data: long(1n, 2n, 3n, 2n ** 60n, 2n ** 60n + 1n, 2n ** 60n + 2n), dtype: '<q' }),
    { cells: ['1', '2', '3', '1152921504606846976', '1152921504606846977', '1152921504606846978'] },
    { cellId: 'lane', batch: 'cell_type' },
  ],
  'an index of another name': [
    all(rename('obs/_index', 'obs/barcode'), attribute('obs', '_index', 'barcode')),
  ],
  'an index of categories': [
    all(drop('obs/_index'), rename('obs/cell_type', 'obs/_index'), (parts, part) => {
      parts.set('obs/cell_type', { data: ['a', 'a', 'b', 'b', 'c', 'c'], dtype: 'S' });
      part('obs/_index/codes', { data: [5, 4, 3, 2, 1, 0] });
      part('obs/_index/categories', { data: ['u', 'v', 'w', 'x', 'y', 'z'] });
    }),
    { cells: ['z', 'y', 'x', 'w', 'v', 'u'], labels: ['a', 'a', 'b', 'b', 'c', 'c'] },
  ],
  'blank-padded gene ids': [
    set('var/_index', { data: EXPECTED.genes.map((gene) => gene.padEnd(8)), dtype: 'S8' }),
  ],
  'a column that column-order leaves out': [attribute('obs', 'column-order', ['cell_type', 'lane'])],
  'a soft link inside the file': [
    all(rename('obs/cell_type', 'obs/kept'), (parts) => parts.set('obs/cell_type', { link: 'kept' })),
  ],
  'sparse attributes of old': [
    (parts) => {
      const shape = { h5sparse_format: 'csr', h5sparse_shape: [6, 4] };
      parts.set('X', { attributes: shape });
    },
  ],
  'entries of a row out of order': [
    all(
      set('X/indices', { data: [1, 0, 2, 3, 0, 1, 3, 2] }),
      set('X/data', { data: [2, 1, 3, 4, 5, 6, 8, 7] }),
    ),
  ],
  'entries that repeat, up to 2²⁴': [
    all(
      set('X/indices', { data: [0, 0, 2, 3, 0, 1, 2, 3] }),
      set('X/data', { data: [8388608, 8388608, 3, 4, 5, 6, 7, 8] }),
    ),
    { rows: [[16777216, 0, 0, 0], ...ATLAS_COUNTS.slice(1)] },
  ],
  'offsets of 64 bits without sign': [
    set('X/indptr', { data: new BigUint64Array([0n, 2n, 3n, 4n, 5n, 6n, 8n]), dtype: '<Q' }),
  ],
  'a layer with slashes in its name': [
    (parts) => {
      for (const group of ['layers/a', 'layers/a/b']) parts.set(group, {});
      parts.set('layers/a/b/c', { data: ATLAS_COUNTS.flat(), shape: [6, 4], dtype: '<f' });
    },
    {},
    { matrix: 'layers/a/b/c' },
  ],
};

for (const [name, [change, expected, options]] of Object.entries(READ)) {
  test(`reads ${name}`, async () => {
    const path = await write(change);
    const { batches, ...found } = await readAll(path, options);
    const { batches: asked, ...rest } = { ...EXPECTED, ...expected };
    assert.deepEqual(found, rest);
    if (options?.batch === undefined) assert.deepEqual(batches, asked);
    await inspectFile(path);
  });
}

/** Changes that make the file mean nothing, or nothing certain. */
const REFUSED: Record<string, [change: Change, message: RegExp, options?: Record<string, string>]> = {
  'a code past the categories': [codes([0, 1, 3, 0, 1, 2]), /the code 3 in row 3, but 3 categories/],
  'codes from 1': [codes([1, 2, 3, 1, 2, 3]), /the code 3 in row 3[\s\S]*seem to count from 1/],
  'a code below −1': [codes([0, 1, -2, 0, 1, 2]), /the code -2 in row 3/],
  "R's missing integer": [codes([0, 1, -(2 ** 31), 0, 1, 2]), /the code -2147483648 in row 3/],
  'a code that wraps to one': [
    codes(long(0n, 1n, 2n ** 32n, 0n, 1n, 2n), '<q'),
    /the code 4294967296 in row 3/,
  ],
  'an unsigned −1': [
    codes(new BigUint64Array([0n, 1n, 2n ** 64n - 1n, 0n, 1n, 2n]), '<Q'),
    /code 18446744073709551615/,
  ],
  'decimal codes': [codes([0, 1, Number.NaN, 0, 1, 2], '<d'), /holds float64 values, which are no codes/],
  'text as codes': [codes(['0', '1', '2', '0', '1', '2'], 'S'), /holds string values, which are no codes/],
  'too few codes': [codes([0, 1, 2, 0, 1]), /obs\/cell_type has 5 values where 6 are asked for/],
  'too many codes': [codes([0, 1, 2, 0, 1, 2, 0]), /has 7 values where 6 are asked for/],
  'no codes': [drop('obs/cell_type/codes'), /obs\/cell_type\/codes/],
  'no categories': [drop('obs/cell_type/categories'), /obs\/cell_type\/categories/],
  'categories that repeat': [
    categories(['B', 'B', 'T'], 'S'),
    /names the category "B" twice[\s\S]*column as text/,
  ],
  'zeros of both signs as categories': [categories([0, -0, 2], '<d'), /names the category "0.0" twice/],
  'a category that is no number': [categories([1, Number.NaN, 2], '<d'), /has no value for category 2/],
  'a masked category': [
    nullable('obs/cell_type/categories', 'string-array', { data: ['B', 'NK', 'T'], dtype: 'S' }, [0, 1, 0]),
    /has no value for category 2/,
  ],
  'a short mask': [
    nullable(
      'obs/cell_type',
      'string-array',
      { data: ['B', 'B', 'T', 'T', 'B', 'T'], dtype: 'S' },
      [0, 0, 0],
    ),
    /obs\/cell_type\/mask has 3 values where 6 are asked for/,
  ],
  'a mask of other numbers': [
    nullable(
      'obs/cell_type',
      'string-array',
      { data: ['B', 'B', 'T', 'T', 'B', 'T'], dtype: 'S' },
      [0, 0, 0, 0, 0, 2],
    ),
    /no mask/,
  ],
  'values of another kind than the encoding says': [
    nullable(
      'obs/cell_type',
      'boolean',
      { data: ['B', 'B', 'T', 'T', 'B', 'T'], dtype: 'S' },
      [0, 0, 0, 0, 0, 0],
    ),
    /encoded as nullable-boolean, but its values are of the kind string/,
  ],
  'a short column that is not asked for': [
    set('obs/score', { data: [1, 2] }),
    /obs\/score has 2 values where 6/,
  ],
  'a column that is a matrix': [
    set('obs/score', { data: [1, 2, 3, 4, 5, 6], shape: [6, 1] }),
    /array of shape 6 × 1/,
    { label: 'score' },
  ],
  'a column that is not there': [drop('obs/score'), /lists the column "score", which is not there/],
  'a column listed twice': [
    attribute('obs', 'column-order', ['cell_type', 'cell_type']),
    /"cell_type" twice/,
  ],
  'a missing cell id': [
    nullable(
      'obs/_index',
      'string-array',
      { data: ['a', 'b', 'c', 'd', 'e', 'f'], dtype: 'S' },
      [0, 0, 1, 0, 0, 0],
    ),
    /the index of obs is missing in row 3/,
  ],
  'an index that is not there': [
    attribute('obs', '_index', 'barcode'),
    /it names "barcode", which is not there/,
  ],
  'a short index': [set('var/_index', { data: ['a', 'b', 'c'] }), /var has 3 rows, the matrix asks for 4/],
  'a gene id that repeats': [set('var/_index', { data: ['a', 'b', 'a', 'c'] }), /gene ids repeat: "a"/],
  'a gene id of a column that repeats': [
    set('var/symbol', { data: ['a', 'b', 'a', 'c'] }),
    /gene ids repeat[\s\S]*var\/symbol/,
    { geneId: 'symbol' },
  ],
  'a newer column': [
    attribute('obs/cell_type', 'encoding-version', '0.3.0'),
    /version 0\.3\.0 of the encoding categorical/,
  ],
  'a column of an unknown encoding': [
    attribute('obs/cell_type', 'encoding-type', 'runs'),
    /encoded as "runs", which is not known/,
  ],
  'a newer data frame': [attribute('obs', 'encoding-version', '0.3.0'), /obs has version 0\.3\.0/],
  'a newer matrix': [attribute('X', 'encoding-version', '0.2.0'), /X has version 0\.2\.0/],
  'a matrix of an unknown encoding': [
    attribute('X', 'encoding-type', 'bsr_matrix'),
    /X is encoded as "bsr_matrix"/,
  ],
  'a newer file': [attribute('/', 'encoding-version', '0.2.0'), /the file has version 0\.2\.0/],
  'a matrix of one dimension': [
    all(drop('X', 'X/data', 'X/indices', 'X/indptr'), set('X', { data: [1, 2, 3, 4, 5, 6], dtype: '<f' })),
    /X is an array of float32 values of shape 6[\s\S]*before 0\.7/,
  ],
  'a matrix of text': [
    all(
      drop('X', 'X/data', 'X/indices', 'X/indptr'),
      set('X', { data: ATLAS_COUNTS.flat().map(String), shape: [6, 4], dtype: 'S4' }),
    ),
    /X is an array of string values/,
  ],
  'genes × cells': [
    all(
      drop('X', 'X/data', 'X/indices', 'X/indptr'),
      set('X', { data: ATLAS_COUNTS.flat(), shape: [4, 6], dtype: '<f' }),
    ),
    /X looks transposed: it has 4 rows for 6 cells/,
  ],
  'decimal column numbers': [
    set('X/indices', { data: [0.5, 1, 2, 3, 0, 1, 2, 3], dtype: '<d' }),
    /X\/indices is an array of float64 values[\s\S]*integers/,
  ],
  'a column number that wraps': [
    set('X/indices', { data: long(0n, 1n + 2n ** 32n, 2n, 3n, 0n, 1n, 2n, 3n), dtype: '<q' }),
    /an entry in column 4294967297 of 4/,
  ],
  'a negative column number': [
    set('X/indices', { data: [0, -1, 2, 3, 0, 1, 2, 3] }),
    /an entry in column -1 of 4/,
  ],
  'data of two dimensions': [
    set('X/data', { shape: [8, 1] }),
    /X\/data is an array of float32 values of shape 8 × 1/,
  ],
  'entries that repeat, beyond 2²⁴': [
    all(
      set('X/indices', { data: [0, 0, 2, 3, 0, 1, 2, 3] }),
      set('X/data', { data: [8388608, 8388609, 3, 4, 5, 6, 7, 8] }),
    ),
    /16777217 for gene gene0 in cell cell0, which is not a count/,
  ],
  'a shape of text': [attribute('X', 'shape', ['6', '4']), /without a known format or shape/],
  'a negative shape': [attribute('X', 'shape', [-6, 4]), /without a known format or shape/],
  'a layer of another shape': [
    set('layers/counts', { data: [1, 2, 3, 4], shape: [2, 2], dtype: '<f' }),
    /layers\/counts has the shape 2 × 2[\s\S]*6 × 4/,
  ],
  'an embedding of other cells': [
    set('obsm/X_pca', { data: [1, 2, 3, 4], shape: [2, 2] }),
    /obsm\/X_pca has the shape 2 × 2/,
  ],
  'a link to another file': [
    (parts) => {
      for (const path of ['X', 'X/data', 'X/indices', 'X/indptr']) parts.delete(path);
      parts.set('X', { link: ['0.h5ad', '/X'] });
    },
    /X is a link to \/X in another file, 0\.h5ad/,
  ],
  'a soft link to a link to another file': [
    all(drop('obs/score'), (parts) => {
      parts.set('outside', { link: ['0.h5ad', '/'] });
      parts.set('obs/score', { link: '/outside/obs/score' });
    }),
    /outside is a link to \/ in another file/,
    { label: 'score' },
  ],
  'a link to nothing': [
    all(drop('obs/score'), (parts) => parts.set('obs/score', { link: '/obs/gone' })),
    /obs\/score is a link to \/obs\/gone, which is not in the file/,
    { label: 'score' },
  ],
  'links in a circle': [
    all(drop('obs/score'), (parts) => {
      parts.set('obs/score', { link: '/obs/other' });
      parts.set('obs/other', { link: '/obs/score' });
    }),
    /obs\/score/,
    { label: 'score' },
  ],
  'layers in another file': [
    all(drop('layers'), (parts) => parts.set('layers', { link: ['0.h5ad', '/layers'] })),
    /layers is a link to \/layers in another file/,
    { matrix: 'layers/counts' },
  ],
};

for (const [name, [change, message, options]] of Object.entries(REFUSED)) {
  test(`refuses ${name}`, async () => {
    const path = await write(change);
    assert.match((await refusal(() => readAll(path, options))).all, message);
    // A look at the file either tells what is in it or is refused too.
    await inspectFile(path).catch(async () => refusal(() => inspectFile(path)));
  });
}

test('refuses text that is not UTF-8, also in attributes, and reads nothing past its end', async () => {
  for (const [path, written, foreign] of [
    ['obs/cell_type/categories', 'Mxller', 'M\xfcller'],
    ['obs/cell_type/categories', 'Rodxx', 'Rod\xe2\x82'],
    ['obs', 'ghosx', 'ghos\xe9'],
  ] as const) {
    const atlas = await write(
      path === 'obs'
        ? attribute('obs', 'column-order', ['cell_type', 'lane', written])
        : set(path, { data: [written, 'NK', 'T'] }),
    );
    const bytes = readFileSync(atlas);
    for (let at = bytes.indexOf(written); at >= 0; at = bytes.indexOf(written, at + 1))
      bytes.write(foreign, at, 'latin1');
    writeFileSync(atlas, bytes);
    assert.match((await refusal(() => readAll(atlas))).all, /text that is not UTF-8[\s\S]*iconv/);
  }
});

test('says how to go on with a file that was never closed', async () => {
  const h5wasm = await import('h5wasm/node');
  await h5wasm.ready;
  const path = join(folder, 'open.h5ad');
  const open = new h5wasm.File(path, 'w', { libver: 'latest' });
  open.create_group('obs');
  open.flush();
  writeFileSync(join(folder, 'copy.h5ad'), readFileSync(path));
  open.close();
  const { all } = await refusal(() => readAll(join(folder, 'copy.h5ad')));
  assert.match(all, /never closed by the program[\s\S]*h5clear --status/);
});

test('an embedding as a data frame must name the cells as obs does', async () => {
  const path = await write((parts) => {
    parts.set('obsm/X_frame', {
      attributes: {
        'encoding-type': 'dataframe',
        'encoding-version': '0.2.0',
        _index: '_index',
        'column-order': ['a'],
      },
    });
    parts.set('obsm/X_frame/_index', {
      data: ['cell1', 'cell0', 'cell2', 'cell3', 'cell4', 'cell5'],
      dtype: 'S',
    });
    parts.set('obsm/X_frame/a', { data: [1, 2, 3, 4, 5, 6], dtype: '<d' });
  });
  assert.match((await refusal(() => readObsm(path, 'X_frame'))).all, /names "cell1" in row 1, obs "cell0"/);
  assert.deepEqual([...(await readObsm(path, 'X_pca')).values.slice(0, 3)], [0, 1, 2]);
});

test('columns without an order, and attributes of one value', async () => {
  const bare = await write((parts, part) => {
    const { 'column-order': _, ...rest } = parts.get('obs')?.attributes ?? {};
    parts.set('obs', { attributes: rest });
    part('var', { attributes: { 'column-order': 'symbol' } });
  });
  assert.deepEqual((await readAll(bare)).labels, EXPECTED.labels);
  const empty = await write(attribute('var', 'column-order', typed(new Float64Array(0), [0], '<d')));
  assert.match((await refusal(() => readAll(empty, { geneId: 'symbol' }))).all, /It has no columns/);
});
