/**
 * What a study does not ask for never keeps a file from being read: columns, embeddings, pairs and layers that lead
 * elsewhere, are damaged or are encoded in a way that is not known. Where they are asked for, they are refused with the
 * place. What is known and of another length shows a file that was cut, and is refused, asked for or not.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inspectFile } from '../../../lib/data/inspect/inspect.ts';
import { Hdf5File } from '../../../lib/data/readers/h5ad/hdf5.ts';
import { listMatrices } from '../../../lib/data/readers/h5ad/matrix.ts';
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

const folder = mkdtempSync(join(tmpdir(), 'rankloom-unused-'));
after(() => rmSync(folder, { recursive: true }));
let made = 0;

type Change = (parts: Parts) => void;

async function write(change: Change): Promise<string> {
  const parts = atlasParts();
  change(parts);
  return writeParts(join(folder, `${made++}.h5ad`), parts);
}

async function readAll(path: string, options: Record<string, string> = {}) {
  const source = await openSource({
    source: path,
    matrix: 'auto',
    label: 'cell_type',
    batch: 'lane',
    geneId: 'index',
    ...options,
  });
  try {
    const [cells, genes, labels] = [await source.cellIds(), await source.geneIds(), await source.labels()];
    await source.choices();
    await source.annotatedGenes();
    return { cells, genes, labels, batches: await source.batches(), rows: await denseRows(source) };
  } finally {
    await source.close();
  }
}

const encoded = (type: unknown, version = '0.1.0') => ({
  'encoding-type': type,
  'encoding-version': version,
});

/** A part of an obs of 6 cells that cannot be read, by what it is; `at` is its path. */
const UNREADABLE: Record<string, (at: string) => [string, Part][]> = {
  'a link to another file': (at) => [[at, { link: ['other.h5', '/x'] }]],
  'a link to nothing': (at) => [[at, { link: '/nowhere' }]],
  'a link to itself': (at) => [[at, { link: `/${at}` }]],
  'an array of a newer encoding': (at) => [[at, { data: [1, 2, 3], attributes: encoded('period') }]],
  'an array of a newer version': (at) => [[at, { data: [1, 2, 3], attributes: encoded('array', '9.0.0') }]],
  'a group of a newer encoding': (at) => [
    [at, { attributes: encoded('run-length') }],
    [`${at}/values`, { data: [1, 2, 3] }],
    [`${at}/lengths`, { data: [1, 2, 3] }],
  ],
  'a group of nothing': (at) => [[at, {}]],
  'a value of a newer encoding': (at) => [
    [at, { data: 0, shape: [], dtype: '<d', attributes: encoded('null') }],
  ],
  'a single number': (at) => [
    [at, { data: 1, shape: [], dtype: '<d', attributes: encoded('numeric-scalar', '0.2.0') }],
  ],
};

const put =
  (...parts: [string, Part][]): Change =>
  (all) => {
    for (const [path, part] of parts) all.set(path, part);
  };

for (const [name, make] of Object.entries(UNREADABLE)) {
  test(`reads beside ${name}, and refuses it where it is asked for`, async () => {
    const plain = await readAll(await write(() => {}));
    const score = await write((parts) => {
      parts.delete('obs/score');
      put(...make('obs/score'))(parts);
    });
    assert.deepEqual(await readAll(score), plain);
    assert.match((await refusal(() => readAll(score, { label: 'score' }))).all, /obs\/score/);
    await inspectFile(score);
    const symbol = await write((parts) => {
      parts.get('var')!.attributes!['column-order'] = ['symbol', 'extra'];
      put(...make('var/extra'))(parts);
    });
    assert.deepEqual(await readAll(symbol), plain);
    assert.match((await refusal(() => readAll(symbol, { geneId: 'extra' }))).all, /var\/extra/);
    const chosen = await write((parts) => {
      parts.get('var')!.attributes!['column-order'] = ['symbol', 'highly_variable'];
      put(...make('var/highly_variable'))(parts);
    });
    assert.match((await refusal(() => readAll(chosen))).all, /var\/highly_variable/);
    const groups = ['obsm', 'varm', 'obsp', 'varp', 'layers', 'uns'];
    const inside = await write((parts) => {
      for (const group of groups) put([group, {}], ...make(`${group}/extra`))(parts);
    });
    assert.deepEqual(await readAll(inside), plain);
    const whole = await write((parts) => {
      for (const group of [...groups, 'raw']) {
        for (const old of [...parts.keys()])
          if (old === group || old.startsWith(`${group}/`)) parts.delete(old);
        put(...make(group))(parts);
      }
    });
    assert.deepEqual(await readAll(whole), plain);
  });
}

test('a column of two dimensions keeps nothing from being read unless it is asked for', async () => {
  const path = await write(
    put(['obs/score', { data: Array.from({ length: 12 }, (_, i) => i), shape: [6, 2] }]),
  );
  assert.deepEqual((await readAll(path)).rows, ATLAS_COUNTS);
  assert.match(
    (await refusal(() => readAll(path, { label: 'score' }))).all,
    /obs\/score is an array of shape/,
  );
});

test('what is encoded in a known way and has another length is refused, asked for or not', async () => {
  const array = encoded('array', '0.2.0');
  const sparse = { ...encoded('csr_matrix'), shape: [5, 2] };
  const cases: [RegExp, ...[string, Part][]][] = [
    [/obs\/score has 3 values where 6/, ['obs/score', { data: [1, 2, 3], attributes: array }]],
    [/obs\/score has 3 values where 6/, ['obs/score', { data: [1, 2, 3] }]],
    [/obs\/score has 3 values where 6/, ['obs/score', { data: [1, 2, 3, 4, 5, 6], shape: [3, 2] }]],
    [
      /obs\/cell_type has 2 values where 6/,
      ['obs/cell_type/codes', { data: [0, 1], dtype: '<b', attributes: array }],
    ],
    [/var\/symbol has 1 values where 4/, ['var/symbol', { data: ['a'], dtype: 'S' }]],
    [/obsm\/X_pca has the shape 5 × 2/, ['obsm/X_pca', { attributes: sparse }]],
    [/obsm\/X_pca has the shape 5/, ['obsm/X_pca', { data: [1, 2, 3, 4, 5], attributes: array }]],
    [
      /varp\/cor has the shape 4 × 2/,
      ['varp', {}],
      ['varp/cor', { data: [1, 2, 3, 4, 5, 6, 7, 8], shape: [4, 2] }],
    ],
  ];
  for (const [message, ...parts] of cases) {
    assert.match(
      (await refusal(async () => readAll(await write(put(...parts)), { label: 'lane' }))).all,
      message,
    );
  }
});

test('attributes of one value that were written as arrays of one', async () => {
  const plain = await readAll(await write(() => {}));
  const names = ['encoding-type', 'encoding-version', '_index'];
  const path = await write((parts) => {
    for (const { attributes } of parts.values()) {
      for (const name of names) {
        if (typeof attributes?.[name] === 'string') attributes[name] = typed([attributes[name]], [1], 'S');
      }
    }
  });
  assert.deepEqual(await readAll(path), plain);
  assert.match((await inspectFile(path)).format, /encoding 0\.1\.0/);
  const two = await write((parts) => {
    parts.get('X')!.attributes!['encoding-type'] = ['csr_matrix', 'csc_matrix'];
  });
  assert.match((await refusal(() => readAll(two))).all, /X is encoded as \["csr_matrix","csc_matrix"\]/);
});

test('a sparse matrix of 16-bit floats, which scipy does not open, is refused with how to change it', async () => {
  const path = await write(() => {});
  const file = await Hdf5File.open(path);
  try {
    // h5wasm writes no such numbers: the dataset is described as if it held them.
    const dataset = (at: string) => {
      const info = file.dataset(at);
      return at === 'X/data' ? { ...info, class: 'other', dtype: 'float16', bytes: 2 } : info;
    };
    const half = {
      path,
      dataset,
      kind: (at: string) => file.kind(at),
      keys: (at: string) => file.keys(at),
      attribute: (at: string, name: string) => file.attribute(at, name),
      scalarAttribute: (at: string, name: string) => file.scalarAttribute(at, name),
    };
    const [{ problem }] = listMatrices(half as unknown as Hdf5File);
    assert.match(String(problem?.message), /X\/data is an array of float16 values/);
    assert.match(String(problem?.hint), /float32[\s\S]*h5py\.File/);
  } finally {
    file.close();
  }
});
