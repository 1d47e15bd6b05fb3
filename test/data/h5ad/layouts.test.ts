/** The same counts in every layout give the same rows. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { countBlock } from '../../../lib/data/readers/h5ad/counts.ts';
import { columnRows } from '../../../lib/data/readers/h5ad/csc.ts';
import { Hdf5File } from '../../../lib/data/readers/h5ad/hdf5.ts';
import { listMatrices } from '../../../lib/data/readers/h5ad/matrix.ts';
import { SequentialReader } from '../../../lib/data/readers/h5ad/sequential.ts';
import { openSource } from '../../../lib/data/readers/source.ts';
import { blockCounts, type MatrixSpec, writeH5ad } from '../../helpers/h5ad.ts';
import { denseRows } from '../../helpers/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'rankloom-h5ad-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const { rows, labels } = blockCounts(3, 20, 17);

const open = (path: string, options = {}) =>
  openSource({ source: path, matrix: 'auto', label: 'cell_type', geneId: 'index', ...options });

const LAYOUTS: Record<string, Omit<MatrixSpec, 'values'>> = {
  'CSR, float32': { layout: 'csr' },
  'CSR, float32, gzip in small chunks': { layout: 'csr', chunk: 7 },
  'CSR, int64 with int64 indices': { layout: 'csr', dtype: 'int64', indexType: 'int64' },
  'CSR, uint16': { layout: 'csr', dtype: 'uint16' },
  'CSC, float64': { layout: 'csc', dtype: 'float64' },
  'CSC, int32, gzip in small chunks': { layout: 'csc', dtype: 'int32', chunk: 5 },
  'dense, float32': { layout: 'dense' },
  'dense, uint8, gzip in chunks of 7 rows': { layout: 'dense', dtype: 'uint8', chunk: 7 },
};

for (const [name, layout] of Object.entries(LAYOUTS)) {
  test(`reads ${name}`, async () => {
    const path = await writeH5ad(at('layout.h5ad'), {
      x: { values: rows, ...layout },
      obs: { cell_type: labels },
    });
    const source = await open(path);
    assert.deepEqual([source.cells, source.genes, source.matrix], [60, 17, 'X']);
    assert.deepEqual(await denseRows(source), rows);
    // A source may be read twice: load counts, subset writes.
    assert.deepEqual(await denseRows(source), rows);
    assert.deepEqual(await source.labels(), labels);
    assert.equal((await source.cellIds())[59], 'cell59');
    assert.equal((await source.geneIds())[16], 'gene16');
    assert.equal(await source.annotatedGenes(), undefined);
    await source.close();
  });
}

test('sorts the columns of a row, sums entries of the same gene, drops explicit zeros', async () => {
  const path = await writeH5ad(at('odd.h5ad'), {
    x: {
      values: {
        rows: 3,
        columns: 4,
        indptr: [0, 4, 4, 7],
        indices: [3, 0, 2, 0, 1, 1, 2],
        values: [5, 1, 0, 2, 3, 4, 0],
      },
    },
    obs: { cell_type: ['a', 'b', 'a'] },
  });
  const source = await open(path);
  assert.deepEqual(await denseRows(source), [
    [3, 0, 0, 5],
    [0, 0, 0, 0],
    [0, 7, 0, 0],
  ]);
  await source.close();
});

test('gathers rows from columns in as many passes as memory asks for', async () => {
  const path = await writeH5ad(at('columns.h5ad'), { x: { values: rows, layout: 'csc', chunk: 11 } });
  const file = await Hdf5File.open(path);
  const [matrix] = listMatrices(file);
  const fail = () => assert.fail('all values are counts');
  const whole = [...columnRows(file, matrix)].map((block) => countBlock(block, 17, fail));
  for (const bucket of [1, 30, 100]) {
    let row = 0;
    for (const stored of columnRows(file, matrix, 0, matrix.rows, bucket)) {
      assert.ok(stored.rows === 1 || stored.indptr[stored.rows] <= bucket);
      const block = countBlock(stored, 17, fail);
      for (let i = 0; i < block.rows; i++, row++) {
        const [from, to] = [whole[0].indptr[row], whole[0].indptr[row + 1]];
        assert.deepEqual(
          block.indices.slice(block.indptr[i], block.indptr[i + 1]),
          whole[0].indices.slice(from, to),
        );
        assert.deepEqual(
          block.values.slice(block.indptr[i], block.indptr[i + 1]),
          whole[0].values.slice(from, to),
        );
      }
    }
    assert.equal(row, 60);
  }
  file.close();
});

test('a sequential reader gives every stretch that is asked for in order', async () => {
  const values = Array.from({ length: 1000 }, (_, i) => (i % 250) + 1);
  const path = await writeH5ad(at('long.h5ad'), { x: { values: [values], chunk: 64 } });
  const file = await Hdf5File.open(path);
  const reader = new SequentialReader(file, 'X/data');
  for (const [from, to] of [
    [0, 0],
    [0, 3],
    [3, 100],
    [90, 91],
    [500, 1000],
    [1000, 1000],
    [2, 5],
  ]) {
    assert.deepEqual(Array.from(reader.read(from, to)), values.slice(from, to), `${from} to ${to}`);
  }
  file.close();
});

test('takes counts from raw/X or a layer if X holds none', async () => {
  const logged = rows.map((row) => row.map((value) => Math.log1p(value * 1.37)));
  const inRaw = await open(
    await writeH5ad(at('raw.h5ad'), {
      x: logged.map((row) => row.slice(0, 5)),
      raw: { x: rows },
      var: { highly_variable: [1, 0, 1, 0, 0] },
    }),
  );
  assert.deepEqual([inRaw.matrix, inRaw.genes], ['raw/X', 17]);
  assert.deepEqual(await denseRows(inRaw), rows);
  const annotated = (await inRaw.annotatedGenes()) ?? [];
  assert.deepEqual(
    annotated.flatMap((flag, i) => (flag ? [i] : [])),
    [0, 2],
    'flags of var, by gene name',
  );
  await inRaw.close();

  const layered = await writeH5ad(at('layer.h5ad'), {
    x: logged,
    layers: { spliced: logged, raw_counts: rows },
  });
  const inLayer = await open(layered);
  assert.equal(inLayer.matrix, 'layers/raw_counts');
  assert.deepEqual(await denseRows(inLayer), rows);
  await inLayer.close();
});

test('takes the matrix that is named, even beside a likelier one', async () => {
  const path = await writeH5ad(at('named.h5ad'), {
    x: rows,
    layers: { other: rows.map((row) => row.map((v) => v * 2)) },
  });
  const source = await open(path, { matrix: 'layers/other' });
  assert.deepEqual(
    await denseRows(source),
    rows.map((row) => row.map((value) => value * 2)),
  );
  await source.close();
});

test('stops between blocks when it is told to', async () => {
  const many = Array.from({ length: 5000 }, (_, i) => [1, i % 3]);
  const source = await open(await writeH5ad(at('many.h5ad'), { x: many }));
  const control = new AbortController();
  let blocks = 0;
  await assert.rejects(async () => {
    for await (const _ of source.rows(control.signal)) {
      if (++blocks === 1) setImmediate(() => control.abort(new Error('stop')));
    }
  }, /stop/);
  assert.equal(blocks, 1);
  await source.close();
});

test('works in a worker thread', async () => {
  const path = await writeH5ad(at('worker.h5ad'), { x: rows, obs: { cell_type: labels } });
  const code = `
    import { parentPort, workerData } from 'node:worker_threads';
    const { openSource } = await import(workerData.module);
    const source = await openSource({ source: workerData.path, matrix: 'auto', geneId: 'index', label: 'cell_type' });
    let sum = 0;
    for await (const block of source.rows()) for (const value of block.values) sum += value;
    parentPort.postMessage(sum);`;
  const module = new URL('../../../lib/data/readers/source.ts', import.meta.url).href;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
    workerData: { path, module },
  });
  const sum = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  assert.equal(
    sum,
    rows.flat().reduce((a, b) => a + b),
  );
});
