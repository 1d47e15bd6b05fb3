/** JSON, text and folders of files. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { files } from '../../lib/flow/kinds/files.ts';
import { json } from '../../lib/flow/kinds/json.ts';
import { text } from '../../lib/flow/kinds/text.ts';
import { temporaryFolder } from './generate.ts';

const file = temporaryFolder();

test('JSON is read back as written', async () => {
  const value = { a: [1, -0.5, null, 'é😀'], b: { c: true, d: {} }, e: [] };
  await json<typeof value>().output(file('a.json')).write(value);
  assert.deepEqual(await json<typeof value>().input(file('a.json')).read(), value);
  assert.ok(readFileSync(file('a.json'), 'utf8').endsWith('}\n'));
});

const ring: Record<string, unknown> = {};
ring.list = [ring];
const nested = (depth: number, inside: unknown) =>
  Array.from({ length: depth }).reduce((value: unknown) => [value], inside);

for (const [what, value, message] of [
  [
    'a value that holds itself',
    ring,
    '$.list[0] is a value that holds itself, which JSON cannot hold; make it plain data',
  ],
  ['what is nested beyond all measure', nested(200_000, 0), '$ is nested too deep to be written as JSON'],
  ['NaN', { a: [{ b: Number.NaN }] }, '$.a[0].b is NaN, which JSON cannot hold; use null'],
  ['infinity', [1, Infinity], '$[1] is Infinity, which JSON cannot hold; use null'],
  [
    'a typed array',
    { a: Float64Array.of(1) },
    '$.a is of type Float64Array, which JSON cannot hold; make it plain data',
  ],
  ['a map', new Map(), '$ is of type Map, which JSON cannot hold; make it plain data'],
  [
    'undefined in a list',
    [undefined],
    '$[0] is of type undefined, which JSON cannot hold; make it plain data',
  ],
  ['a bigint', { n: 1n }, '$.n is of type bigint, which JSON cannot hold; make it plain data'],
] as const) {
  test(`JSON refuses ${what}, and says where`, async () => {
    await assert.rejects(json<unknown>().output(file('bad.json')).write(value), { message });
  });
}

test('JSON takes a value that stands in two places, and one that is nested deeply', async () => {
  const shared = { a: 1 };
  const value = [shared, shared, nested(1000, 1)];
  await json<unknown>().output(file('s.json')).write(value);
  assert.deepEqual(await json<unknown>().input(file('s.json')).read(), value);
});

test('whoever writes what JSON refuses is on the stack, however deep the place', async () => {
  async function author() {
    await json<unknown>().output(file('bad.json')).write(nested(50, Number.NaN));
  }
  const stack = await author().then(
    () => '',
    (error: Error) => error.stack ?? '',
  );
  assert.match(stack, /author .*plain\.test\.ts/);
});

test('JSON leaves out properties that are undefined', async () => {
  await json<object>().output(file('u.json')).write({ a: undefined, b: 1 });
  assert.deepEqual(await json<object>().input(file('u.json')).read(), { b: 1 });
});

test('text is read back as written', async () => {
  const page = text('.html');
  assert.equal(page.extension, '.html');
  await page.output(file('page')).write('<p>é😀\r\n</p>');
  assert.equal(await page.input(file('page')).read(), '<p>é😀\r\n</p>');
});

test('a folder lists its files by code unit, with those of its folders', async () => {
  const path = file('figures');
  mkdirSync(path);
  const output = files().output(path);
  await output.write('b.svg', '<svg/>');
  await output.write('a/z.png', Uint8Array.of(1, 2));
  await output.write('B.svg', 'x');
  await output.write('é.svg', 'y');
  const input = files().input(path);
  assert.deepEqual(await input.list(), ['B.svg', 'a/z.png', 'b.svg', 'é.svg']);
  assert.deepEqual(new Uint8Array(await input.read('a/z.png')), Uint8Array.of(1, 2));
  assert.equal(files().folder, true);
});

test('a file name that leads out of the folder, or means something else elsewhere, is refused', async () => {
  const output = files().output(file('figures'));
  for (const name of ['../x', '/x', 'a//b', '.', '', 'a/../../b', 'a\\b', 'c:x']) {
    await assert.rejects(output.write(name, ''), { message: /not a relative file name/ }, name);
    await assert.rejects(files().input(file('figures')).read(name), { message: /not a relative file name/ });
  }
});
