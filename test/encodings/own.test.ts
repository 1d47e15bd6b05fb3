import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { encodingSchema } from '../../lib/encodings/index.ts';
import { encode } from './encode.ts';

const folder = mkdtempSync(join(tmpdir(), 'rankloom-own-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
/** A new file, since Node keeps what it imported once. */
function own(code: string): string {
  const path = join(folder, `own-${files++}.ts`);
  writeFileSync(path, code);
  return path;
}

const EXPORT = "import { defineEncoding, z } from 'rankloom';\nexport default defineEncoding(";
const encoder = (encode: string) =>
  `${EXPORT}{ value: 'x', prepare: () => ({ encode: (cell) => ${encode} }) });`;

const rows = [
  [4, 0, 9, 1],
  [0, 0, 0, 0],
  [1, 2, 0, 3],
];

/** What the error says, with all its parts. */
async function refusal(code: string, options: object = {}, kind = 'config'): Promise<string> {
  const error = await encode({ kind: 'module', from: own(code), ...options }, rows).then(
    () => assert.fail('it was accepted'),
    (error) => error,
  );
  assert.equal(error.kind, kind, error.stack);
  return [error.message, error.expected, error.where, error.hint].join(' | ');
}

test('a number for each detected gene, at its column', async () => {
  const from = own(
    encoder('cell.counts.map((x, i) => Math.sqrt(x) + cell.genes[i] / 4 + (cell.id === "c0" ? 0 : 1))'),
  );
  const { dense, encoder: made } = await encode({ kind: 'module', from }, rows, {
    cells: ['c0', 'c1', 'c2'],
    used: [1, 1, 1, 0],
  });
  assert.deepEqual(dense, [
    [2, 0, 3.5, 0],
    [0, 0, 0, 0],
    [2, Math.fround(Math.sqrt(2) + 1.25), 0, 0],
  ]);
  assert.deepEqual(made.metadata, { genesUsed: 3, layout: 'sparse', value: 'x' });
});

test('a vector for each cell, if the encoding says how long', async () => {
  const code = `${EXPORT}{
    value: 'total and detected genes, times a factor',
    params: z.object({ factor: z.number().default(2) }),
    prepare: ({ params, genes, files }) => ({
      columns: 3,
      encode: ({ total, counts }) => [params.factor * total, counts.length, Object.keys(files).length + genes.ids.length],
    }),
  });`;
  const made = await encode({ kind: 'module', from: own(code), params: { factor: 3 } }, rows);
  assert.deepEqual(made.dense, [
    [42, 3, 4],
    [0, 0, 4],
    [18, 3, 4],
  ]);
  assert.equal(made.encoder.metadata.layout, 'dense');
  assert.equal(made.encoder.metadata.genesUsed, 3);
  const byDefault = await encode({ kind: 'module', from: own(code) }, rows);
  assert.equal(byDefault.dense[0][0], 28);
});

test('an encoding may alter what it is given', async () => {
  const from = own(encoder('{ cell.genes.fill(0); return cell.counts.fill(7); }'));
  const { dense } = await encode({ kind: 'module', from }, rows);
  assert.deepEqual(dense[0], [7, 0, 7, 7]);
});

test('code that is no encoding is refused', async () => {
  assert.match(await refusal('export const x = 1;'), /no default export.*defineEncoding/);
  assert.match(await refusal('export default 3;'), /not an encoding/);
  assert.match(await refusal("export default { value: 'x' };"), /lacks prepare/);
  assert.match(await refusal("export default { value: 'x', params: 1, prepare() {} };"), /lacks params/);
  assert.match(await refusal("throw new Error('no licence');"), /cannot import.*no licence/);
  assert.match(await refusal("import './nowhere.ts';"), /cannot import.*nowhere\.ts/);
  assert.match(
    await refusal(`${EXPORT}{ value: 'x', prepare: () => 5 });`),
    /does not give an encoder.*encode/,
  );
  assert.match(
    await refusal(`${EXPORT}{ value: 'x', prepare: () => ({ columns: 0, encode: () => [] }) });`),
    /does not give an encoder/,
  );
});

test('code that fails is told with its place', async () => {
  assert.match(
    await refusal(encoder('cell.nothing.length'), {}, 'code'),
    /failed at cell "cell0".*own-\d+\.ts:2:\d+/s,
  );
  assert.match(
    await refusal(`${EXPORT}{ value: 'x', prepare() { throw new Error('not today'); } });`, {}, 'code'),
    /failed while it was prepared: not today.*own-\d+\.ts:2:\d+/,
  );
});

test('results of the wrong shape are refused', async () => {
  assert.match(
    await refusal(encoder('[1]')),
    /gave a list of 1 for cell "cell0".*list of 3 numbers, one for each det/,
  );
  assert.match(await refusal(encoder('undefined')), /gave undefined/);
  assert.match(await refusal(encoder('cell.counts.map(() => NaN)')), /gave NaN for cell "cell0".*finite/);
  assert.match(await refusal(encoder('[1, Infinity, 1]')), /gave Infinity/);
  assert.match(await refusal(encoder('[1e39, 1, 1]')), /gave 1e\+39.*32 bits/);
  assert.match(await refusal(encoder("['1', 2, 3]")), /gave 1 for cell/);
  assert.match(
    await refusal(`${EXPORT}{ value: 'x', prepare: () => ({ columns: 2, encode: () => [1] }) });`),
    /gave a list of 1.*list of 2 numbers, one for each of `columns`/,
  );
});

test('params that the encoding does not take are refused', async () => {
  assert.match(await refusal(encoder('cell.counts'), { params: { top: 3 } }), /params.*top/);
  const code = `${EXPORT}{ value: 'x', params: z.object({ top: z.number() }), prepare: () => ({ encode: (c) => c.counts }) });`;
  assert.match(await refusal(code, { params: { top: 'many' } }), /params\.top.*expected number/);
});

test('the config is checked before any code is read', () => {
  const issue = (options: object) =>
    encodingSchema.safeParse({ kind: 'module', ...options }).error!.issues[0].message;
  assert.match(issue({ from: 'mine.py' }), /ends in \.ts/);
  assert.match(issue({ from: 'mine.ts', params: { f: () => 1 } }), /params are made of/);
  assert.match(issue({ from: 'mine.ts', params: { at: new Date(0) } }), /params are made of/);
});

test('the example of docs/config.md works', async () => {
  const page = readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8');
  const [, example] = /```ts\n(\/\/ root\.ts[\s\S]*?)```/.exec(page)!;
  const { dense } = await encode({ kind: 'module', from: own(example), params: { target: 14 } }, rows);
  assert.deepEqual(dense[0], [2, 0, 3, 1]);
});
