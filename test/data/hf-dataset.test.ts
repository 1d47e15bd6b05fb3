import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { type HfColumnType, hfDataset } from '../../lib/data/kinds/hf-dataset.ts';
import { scratchFolder } from '../helpers/run-stage.ts';

const COLUMNS = { cell_id: 'string', batch: 'string', total_counts: 'float64' } as const;

/** Lists of 0, 1, 2 … tokens by turns, written in blocks of the given sizes. */
async function written(
  rows: number,
  blocks: readonly number[],
  columns: Readonly<Record<string, HfColumnType>> = COLUMNS,
): Promise<string> {
  const folder = join(scratchFolder(), 'dataset');
  mkdirSync(folder);
  const writer = await hfDataset().output(folder).create(columns);
  let start = 0;
  for (const n of [...blocks, rows - blocks.reduce((sum, n) => sum + n, 0)]) {
    const numbers = Array.from({ length: n }, (_, i) => start + i);
    await writer.append(
      numbers.map((i) => Int32Array.from({ length: i % 4 }, (_, j) => 20_000 + i + j)),
      {
        cell_id: numbers.map((i) => `cell ${i} é`),
        batch: numbers.map((i) => (i % 3 === 0 ? null : `b${i % 3}`)),
        total_counts: Float64Array.from(numbers, (i) => i / 2),
      },
    );
    start += n;
  }
  await writer.close();
  return folder;
}

const bytesOf = async (folder: string) => {
  const input = hfDataset().input(folder);
  return Promise.all((await input.list()).map(async (name) => [name, Buffer.from(await input.read(name))]));
};

test('a folder of three files; blocks do not show in the bytes', async () => {
  const whole = await bytesOf(await written(2500, []));
  assert.deepEqual(
    whole.map(([name]) => name),
    ['data-00000-of-00001.arrow', 'dataset_info.json', 'state.json'],
  );
  assert.deepEqual(await bytesOf(await written(2500, [1, 0, 1333, 1000])), whole);
});

test('the stream has batches of 1,000 rows, without the empty lists', async () => {
  const arrow = await import('apache-arrow');
  const folder = await written(2500, []);
  const table = arrow.tableFromIPC(readFileSync(join(folder, 'data-00000-of-00001.arrow')));
  assert.deepEqual(
    table.batches.map((batch) => batch.numRows),
    [1000, 875],
  );
  const row = table.get(1)!.toJSON();
  assert.deepEqual(Array.from(row.input_ids as Iterable<bigint>), [20_002n, 20_003n]);
  assert.equal(row.length, 2n);
  assert.deepEqual([row.cell_id, row.batch, row.total_counts], ['cell 2 é', 'b2', 1]);
  const { info } = JSON.parse(table.schema.metadata.get('huggingface')!);
  assert.deepEqual(
    info.features,
    JSON.parse(readFileSync(join(folder, 'dataset_info.json'), 'utf8')).features,
  );
});

test('fingerprints differ between data', async () => {
  const fingerprint = async (rows: number) =>
    JSON.parse(readFileSync(join(await written(rows, []), 'state.json'), 'utf8'))._fingerprint;
  assert.match(await fingerprint(5), /^[0-9a-f]{16}$/);
  assert.notEqual(await fingerprint(5), await fingerprint(6));
});

const python = process.env.PYTHON ?? 'python3';
const hasDatasets = spawnSync(python, ['-c', 'import datasets']).status === 0;

test('datasets.load_from_disk opens it', {
  skip: hasDatasets ? false : 'needs python3 with datasets',
}, async () => {
  const script = join(import.meta.dirname, 'read_dataset.py');
  for (const [rows, columns] of [
    [2500, COLUMNS],
    [5, {}],
    [0, COLUMNS],
  ] as const) {
    const { status, stdout, stderr } = spawnSync(python, [script, await written(rows, [], columns)], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    assert.equal(status, 0, stderr);
    const read = JSON.parse(stdout);
    const kept = Array.from({ length: rows }, (_, i) => i).filter((i) => i % 4 > 0);
    assert.equal(read.rows, kept.length);
    assert.deepEqual(read.columns, ['input_ids', 'length', ...Object.keys(columns)]);
    assert.equal(read.types.length, 'int64');
    assert.match(read.types.input_ids, /^list<\w+: int64>$/);
    assert.deepEqual(
      read.data.input_ids,
      kept.map((i) => Array.from({ length: i % 4 }, (_, j) => 20_000 + i + j)),
    );
    assert.deepEqual(
      read.data.length,
      kept.map((i) => i % 4),
    );
    if (!('batch' in columns)) continue;
    assert.deepEqual(
      read.data.batch,
      kept.map((i) => (i % 3 === 0 ? null : `b${i % 3}`)),
    );
    assert.deepEqual(
      read.data.cell_id,
      kept.map((i) => `cell ${i} é`),
    );
    assert.equal(read.sorted_first, rows === 0 ? 0 : 3);
  }
});
