import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { parquetMetadata } from 'hyparquet';
import { parquet } from '../../lib/data/kinds/parquet.ts';
import { EVERY_TYPE, everyType, sha256, temporaryFolder } from './generate.ts';

const file = temporaryFolder();

interface ParquetJs {
  ParquetReader: {
    openFile(path: string): Promise<{
      getCursor(): { next(): Promise<Record<string, unknown> | null> };
      getSchema(): {
        fields: Record<string, { repetitionType: string; primitiveType: string; originalType?: string }>;
      };
      close(): Promise<void>;
    }>;
  };
}
const { ParquetReader } = createRequire(import.meta.url)('parquetjs-lite') as ParquetJs;

/** The rows as parquetjs-lite reads them. It leaves out what is null, and gives 64-bit integers as text or bigint. */
async function readIndependently(path: string) {
  const reader = await ParquetReader.openFile(path);
  const cursor = reader.getCursor();
  const rows: Record<string, unknown>[] = [];
  for (let row = await cursor.next(); row !== null; row = await cursor.next()) rows.push(row);
  const { fields } = reader.getSchema();
  await reader.close();
  return { rows, fields };
}

for (const [rows, missing] of [
  [0, 0],
  [1, 0],
  [1, 1],
  [7, 0.3],
  [17, 1],
  [1000, 0.3],
  [16_385, 0.3],
]) {
  test(`reads back what it wrote, and so does parquetjs-lite: ${rows} rows, ${missing * 100} % missing`, async () => {
    const path = file(`round-${rows}-${missing}.parquet`);
    const columns = everyType(rows, missing);
    await parquet(EVERY_TYPE).output(path).write(columns);
    assert.deepEqual(await parquet(EVERY_TYPE).input(path).read(), columns);

    const other = await readIndependently(path);
    assert.equal(other.rows.length, rows);
    for (const [name, column] of Object.entries(columns)) {
      for (let i = 0; i < rows; i++) {
        const value = other.rows[i][name] ?? null;
        const wanted = Number.isNaN(column[i]) ? null : column[i];
        const same =
          typeof wanted === 'number' && value !== null ? Number(value) === wanted : value === wanted;
        if (!same) assert.fail(`${name}, row ${i}: ${String(value)} instead of ${String(wanted)}`);
      }
    }
  });
}

test('columns are REQUIRED unless marked with ?', async () => {
  const path = file('fields.parquet');
  await parquet(EVERY_TYPE).output(path).write(everyType(3));
  const { fields } = await readIndependently(path);
  for (const [name, type] of Object.entries(EVERY_TYPE)) {
    assert.equal(fields[name].repetitionType, type.endsWith('?') ? 'OPTIONAL' : 'REQUIRED', name);
  }
  assert.equal(fields.pairs.primitiveType, 'INT64');
  assert.equal(fields.name.originalType, 'UTF8');
});

test('the same rows make the same bytes, with no trace of when and by which version', async () => {
  for (const name of ['a.parquet', 'b.parquet'])
    await parquet(EVERY_TYPE).output(file(name)).write(everyType(100));
  assert.equal(sha256(file('a.parquet')), sha256(file('b.parquet')));
  const { buffer } = new Uint8Array(readFileSync(file('a.parquet')));
  const metadata = parquetMetadata(buffer);
  assert.equal(metadata.created_by, 'rankloom');
  assert.equal(metadata.key_value_metadata, undefined);
});

test('statistics leave missing values out and count them', async () => {
  const path = file('statistics.parquet');
  await parquet({ x: 'float64?', y: 'float64?' })
    .output(path)
    .write({ x: Float64Array.of(3, Number.NaN, -1), y: new Float64Array(3).fill(Number.NaN) });
  const { buffer } = new Uint8Array(readFileSync(path));
  const [x, y] = parquetMetadata(buffer).row_groups[0].columns.map((column) => column.meta_data?.statistics);
  assert.deepEqual([x?.min_value, x?.max_value, x?.null_count], [-1, 3, 1n]);
  assert.deepEqual([y?.min_value, y?.max_value, y?.null_count], [undefined, undefined, 3n]);
});

test('many pages and long strings', async () => {
  const path = file('long.parquet');
  const sentence = Array.from({ length: 3000 }, (_, i) => `cell ${i} ${'GENE '.repeat(i % 700)}`);
  await parquet({ sentence: 'utf8' }).output(path).write({ sentence });
  assert.deepEqual(await parquet({ sentence: 'utf8' }).input(path).read(), { sentence });
  const other = await readIndependently(path);
  assert.deepEqual(
    other.rows.map((row) => row.sentence),
    sentence,
  );
});

test('refuses NaN where nothing may be missing, with column and row', async () => {
  await assert.rejects(
    parquet({ x: 'float64' })
      .output(file('nan.parquet'))
      .write({ x: Float64Array.of(1, Number.NaN) }),
    { message: 'column "x", row 1: NaN in a column of type float64' },
  );
});

test('refuses a file that lacks a column, has it with another type, or is no Parquet file', async () => {
  const path = file('other.parquet');
  await parquet({ a: 'utf8', b: 'int64' })
    .output(path)
    .write({ a: [], b: new Float64Array(0) });
  await assert.rejects(parquet({ c: 'utf8' }).input(path).read(), {
    kind: 'data',
    message: 'no column "c" in the file',
    hint: 'It has: a, b',
  });
  await assert.rejects(parquet({ b: 'float64' }).input(path).read(), {
    kind: 'data',
    message: 'column "b" is INT64',
  });
  writeFileSync(path, 'not a parquet file');
  await assert.rejects(parquet({ b: 'float64' }).input(path).read(), {
    kind: 'data',
    message: /cannot be read/,
  });
});
