/** The kinds that come with the framework: what is written is read back, and what does not fit is refused. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { z } from 'zod';
import type { OperationalError } from '../../lib/errors.ts';
import { bytes, files, json, table, text } from '../../lib/flow/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-kinds-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

test('bytes come back as they were, by value and by path', async () => {
  const kind = bytes();
  const content = Uint8Array.of(0, 255, 10, 13, 128);
  await kind.output(at('b')).write(content);
  assert.deepEqual(new Uint8Array(await kind.input(at('b')).read()), content);
  writeFileSync(kind.output(at('c')).path, content);
  assert.deepEqual(new Uint8Array(readFileSync(kind.input(at('c')).path)), content);
});

test('text, files and tables come back', async () => {
  await text().output(at('t')).write('é\n');
  assert.equal(await text().input(at('t')).read(), 'é\n');
  const tree = files();
  await tree.output(at('tree')).write('b/c.txt', 'x');
  await tree.output(at('tree')).write('a.txt', 'y');
  assert.deepEqual(await tree.input(at('tree')).list(), ['a.txt', 'b/c.txt']);
  await assert.rejects(tree.output(at('tree')).write('../up', 'x'), /not a relative file name/);
  const kind = table({ name: 'utf8', size: 'float64?' });
  await kind.output(at('table')).write({ name: ['a', 'b'], size: Float64Array.of(1, Number.NaN) });
  assert.deepEqual(await kind.input(at('table')).read(), {
    name: ['a', 'b'],
    size: Float64Array.of(1, Number.NaN),
  });
});

test('a value of JSON is checked and typed by its schema, when it is read and when it is written', async () => {
  const kind = json(z.object({ sizes: z.array(z.int().positive()), unit: z.string().default('cells') }));
  await kind.output(at('ok.json')).write({ sizes: [1, 2] });
  const value: { sizes: number[]; unit: string } = await kind.input(at('ok.json')).read();
  assert.deepEqual(value, { sizes: [1, 2], unit: 'cells' });

  writeFileSync(at('bad.json'), '{"sizes":[1,-2]}');
  const refused = (pattern: RegExp) => (error: OperationalError) => {
    assert.equal(error.kind, 'data');
    assert.equal(error.where?.startsWith(folder), true);
    assert.match(error.message, pattern);
    return true;
  };
  await assert.rejects(kind.input(at('bad.json')).read(), refused(/\$\.sizes\[1\]/));
  await assert.rejects(kind.output(at('no.json')).write({ sizes: [0] }), refused(/\$\.sizes\[0\]/));
  writeFileSync(at('cut.json'), '{"sizes":');
  await assert.rejects(kind.input(at('cut.json')).read(), refused(/cannot be read/));
  // Without a schema it is taken as it is.
  assert.deepEqual(await json<{ sizes: number[] }>().input(at('bad.json')).read(), { sizes: [1, -2] });
});

test('what JSON would change is not written', async () => {
  const output = json<unknown>().output(at('x.json'));
  for (const value of [Number.NaN, [new Date(0)], { a: new Float32Array(1) }, [undefined]])
    await assert.rejects(output.write(value), /JSON cannot hold/);
});
