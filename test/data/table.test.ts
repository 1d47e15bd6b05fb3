import assert from 'node:assert/strict';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import { table } from '../../lib/flow/kinds/table.ts';
import { EVERY_TYPE, everyType, sha256, temporaryFolder } from './generate.ts';

const file = temporaryFolder();

for (const [rows, missing] of [
  [0, 0],
  [1, 0],
  [1, 1],
  [7, 0.3],
  [8, 0.3],
  [9, 1],
  [64, 0],
  [1000, 0.3],
  [65_537, 0.3],
]) {
  test(`reads back what it wrote: ${rows} rows, ${missing * 100} % missing`, async () => {
    const path = file(`round-${rows}-${missing}.arrow`);
    const columns = everyType(rows, missing);
    await table(EVERY_TYPE).output(path).write(columns);
    assert.deepEqual(await table(EVERY_TYPE).input(path).read(), columns);
  });
}

test('the same rows make the same bytes', async () => {
  for (const name of ['a.arrow', 'b.arrow']) await table(EVERY_TYPE).output(file(name)).write(everyType(100));
  assert.equal(sha256(file('a.arrow')), sha256(file('b.arrow')));
});

test('a table may have no columns', async () => {
  await table({}).output(file('none.arrow')).write({});
  assert.deepEqual(await table({}).input(file('none.arrow')).read(), {});
});

test('columns are declared as not null unless marked with ?, and nulls are counted', async () => {
  const path = file('nulls.arrow');
  await table({ a: 'float64', b: 'float64?', c: 'utf8?' })
    .output(path)
    .write({ a: Float64Array.of(1, 2), b: Float64Array.of(Number.NaN, 2), c: [null, ''] });
  const read = tableFromIPC(readFileSync(path));
  assert.deepEqual(
    read.schema.fields.map(({ name, nullable, type }) => [name, nullable, String(type)]),
    [
      ['a', false, 'Float64'],
      ['b', true, 'Float64'],
      ['c', true, 'Utf8'],
    ],
  );
  assert.deepEqual([read.getChild('b')?.nullCount, read.getChild('b')?.get(0)], [1, null]);
  assert.deepEqual(read.getChild('c')?.toJSON(), [null, '']);
});

test('reads a part of the columns, in the order asked for', async () => {
  const path = file('part.arrow');
  await table(EVERY_TYPE).output(path).write(everyType(10));
  const { pairs, name } = everyType(10);
  const read = await table({ pairs: 'int64', name: 'utf8' }).input(path).read();
  assert.deepEqual(read, { pairs, name });
  assert.deepEqual(Object.keys(read), ['pairs', 'name']);
});

const nan = Number.NaN;
const mistakes: [string, Record<string, string>, Record<string, unknown>, string][] = [
  [
    'other lengths',
    { a: 'utf8', b: 'int32' },
    { a: ['x', 'y'], b: Int32Array.of(1) },
    'column "b" has 1 rows, column "a" has 2',
  ],
  ['a missing column', { a: 'utf8', b: 'utf8' }, { a: [] }, 'column "b" is missing'],
  ['a column too many', { a: 'utf8' }, { a: [], b: [] }, 'column "b" is not in the schema (a)'],
  [
    'NaN where nothing may be missing',
    { a: 'float64' },
    { a: Float64Array.of(1, nan) },
    'column "a", row 1: NaN in a column of type float64',
  ],
  [
    'NaN in int64',
    { a: 'int64' },
    { a: Float64Array.of(nan) },
    'column "a", row 0: NaN in a column of type int64',
  ],
  [
    'infinity',
    { a: 'float64?' },
    { a: Float64Array.of(nan, Infinity) },
    'column "a", row 1: Infinity in a column of type float64',
  ],
  [
    'infinity in float32',
    { a: 'float32' },
    { a: Float32Array.of(-Infinity) },
    'column "a", row 0: -Infinity in a column of type float32',
  ],
  [
    'null where nothing may be missing',
    { a: 'utf8' },
    { a: ['x', null] },
    'column "a", row 1: null in a column of type utf8',
  ],
  [
    'undefined',
    { a: 'utf8?' },
    { a: ['x', undefined] },
    'column "a", row 1: undefined in a column of type utf8',
  ],
  ['NaN among strings', { a: 'utf8?' }, { a: [nan] }, 'column "a", row 0: NaN in a column of type utf8?'],
  [
    'null among numbers',
    { a: 'float64?' },
    { a: [null] },
    'column "a", row 0: null in a column of type float64?',
  ],
  [
    'a fraction among integers',
    { a: 'int32?' },
    { a: Float64Array.of(1.5) },
    'column "a", row 0: 1.5 in a column of type int32',
  ],
  [
    'more than 32 bits',
    { a: 'int32?' },
    { a: Float64Array.of(2 ** 31) },
    'column "a", row 0: 2147483648 in a column of type int32',
  ],
  [
    'more than 53 bits',
    { a: 'int64' },
    { a: Float64Array.of(2 ** 53) },
    'column "a", row 0: 9007199254740992 in a column of type int64',
  ],
  [
    'a number among booleans',
    { a: 'bool' },
    { a: [true, 1] },
    'column "a", row 1: 1 in a column of type bool',
  ],
];
for (const [what, schema, columns, message] of mistakes) {
  test(`refuses to write ${what}`, async () => {
    await assert.rejects(
      // biome-ignore lint/suspicious/noExplicitAny: mistakes that types would catch
      table(schema as any)
        .output(file('mistake.arrow'))
        // biome-ignore lint/suspicious/noExplicitAny: mistakes that types would catch
        .write(columns as any),
      { message },
    );
  });
}

test('refuses a file that lacks a column, or has it with another type', async () => {
  const path = file('other.arrow');
  await table({ a: 'utf8', b: 'int32' })
    .output(path)
    .write({ a: [], b: new Int32Array(0) });
  await assert.rejects(table({ c: 'utf8' }).input(path).read(), {
    kind: 'data',
    message: 'no column "c" in the file',
    hint: 'It has: a: Utf8, b: Int32',
  });
  await assert.rejects(table({ b: 'float64' }).input(path).read(), {
    kind: 'data',
    message: 'column "b" is Int32',
    expected: 'Float64',
  });
});

test('refuses a file with nulls in a column that may have none', async () => {
  const path = file('nullable.arrow');
  await table({ a: 'float64?' })
    .output(path)
    .write({ a: Float64Array.of(1, nan) });
  await assert.rejects(table({ a: 'float64' }).input(path).read(), {
    kind: 'data',
    message: 'column "a" has 1 missing values',
  });
});

test('refuses what is no Arrow file, and a truncated one, wherever it ends', async () => {
  const path = file('cut.arrow');
  await table(EVERY_TYPE).output(path).write(everyType(50));
  const { length } = readFileSync(path);
  for (const size of [length - 1, length - 9, length >> 1, 20, 9, 3, 0]) {
    truncateSync(path, size);
    await assert.rejects(table(EVERY_TYPE).input(path).read(), { kind: 'data' }, `${size} bytes`);
  }
  writeFileSync(path, 'PK\x03\x04 this is something else');
  await assert.rejects(table(EVERY_TYPE).input(path).read(), {
    kind: 'data',
    message: /does not begin with ARROW1/,
  });
});
