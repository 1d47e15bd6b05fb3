/** What parts and instances of one stage may know of each other: nothing that no key knows. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildGraph, openStore, run } from '../../lib/flow/index.ts';

const API = fileURLToPath(new URL('../../lib/flow/stage.ts', import.meta.url));
const JSON_KIND = `
import { readFileSync, writeFileSync } from 'node:fs';
import { defineStage, fromFile, output } from '${API}';
const json = { name: 'json' as const, input: (path: string) => ({ kind: 'json' as const, read: () => JSON.parse(readFileSync(path, 'utf8')) }), output: (path: string) => ({ write: (v: unknown) => writeFileSync(path, JSON.stringify(v)) }) };
`;

async function inFolder<T>(files: Record<string, string>, work: (dir: string) => Promise<T>): Promise<T> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'rankloom-parts-')));
  try {
    for (const [name, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
      writeFileSync(join(dir, name), text);
    }
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function runStage(dir: string, store: string, { hermetic = false, workers = 1 } = {}) {
  const { default: stage } = await import(pathToFileURL(join(dir, 'stage.ts')).href);
  const graph = buildGraph([stage], {}, { seed: 0, root: dir });
  return await run(graph, openStore(join(dir, store)), { workers, hermetic, onEvent: () => {} });
}

test('a value that is kept belongs to the code of an instance, with one worker as with two', async () => {
  const stage = `${JSON_KIND}
export default defineStage({ module: import.meta.url, name: 'k', about: '', each: () => ['a', 'b'], params: () => ({}), inputs: () => ({}),
  code: (c: unknown, i: string) => ['./f' + i + '.ts'], outputs: { v: output(json, { publish: '[instance].json' }) },
  async run({ outputs, keep, shared, code }) {
    const f = await keep('f', async () => (await import(code[0])).default);
    const n = await shared('n', async () => (await import(code[0])).number);
    outputs.v.write([f(10), n]); } });`;
  const files = {
    'stage.ts': stage,
    'fa.ts': 'export default (x: number) => x + 1; export const number = 1;',
    'fb.ts': 'export default (x: number) => x * 100; export const number = 2;',
  };
  await inFolder(files, async (dir) => {
    for (const workers of [1, 2]) {
      const { outcome, failed } = await runStage(dir, `s${workers}`, { workers });
      assert.equal(outcome, 'done', JSON.stringify(failed));
      const made = ['a', 'b'].map((i) => readFileSync(join(dir, `s${workers}/latest/${i}.json`), 'utf8'));
      assert.deepEqual(made, ['[11,1]', '[1000,2]']);
    }
  });
});

const withParts = (read: string, inputs: string) => `${JSON_KIND}
export default defineStage({ module: import.meta.url, name: 'q', about: '', params: () => ({}), inputs: () => ({ x: fromFile('x.txt'), y: fromFile('y.txt') }),
  outputs: { v: output(json, { publish: 'v.json' }) },
  parts: { outputs: { p: output(json) }, async plan() { return [{ name: 'one', data: 1, inputs: ${inputs} }]; },
    async run({ inputs, outputs }) { const read = (slot: 'x' | 'y') => readFileSync(inputs[slot].path, 'utf8'); outputs.p.write(${read}); } },
  async run({ rounds, outputs }) { outputs.v.write(rounds[0][0].p.read()); } });`;

test('a part is refused an input that it does not name, and lists only those that it does', async () => {
  const data = { 'x.txt': 'X', 'y.txt': 'Y' };
  for (const hermetic of [false, true]) {
    const files = { ...data, 'stage.ts': withParts("read('x') + read('y')", "['x']") };
    await inFolder(files, async (dir) => {
      const { failed } = await runStage(dir, 's', { hermetic });
      assert.equal(failed[0]?.error.kind, 'impure');
      assert.equal(failed[0].error.message, 'a part of q reads its input y, which it does not declare');
    });
  }
  // A path that is known without asking for it is still no right to read.
  const around = "readFileSync(inputs.x.path.replace('x.txt', 'y.txt'), 'utf8')";
  await inFolder({ ...data, 'stage.ts': withParts(around, "['x']") }, async (dir) => {
    const { failed } = await runStage(dir, 's', { hermetic: true });
    assert.match(failed[0].error.message, /reads .*y\.txt, which it does not declare/);
  });
  const listed = "[read('x'), Object.keys({ ...inputs })]";
  await inFolder({ ...data, 'stage.ts': withParts(listed, "['x']") }, async (dir) => {
    const { outcome } = await runStage(dir, 's');
    assert.equal(outcome, 'done');
    assert.equal(readFileSync(join(dir, 's/latest/v.json'), 'utf8'), '["X",["x"]]');
  });
  await inFolder({ ...data, 'stage.ts': withParts("read('x')", "['z']") }, async (dir) => {
    const { failed } = await runStage(dir, 's');
    assert.match(failed[0].error.message, /an input "z", which it does not have/);
  });
});

test('a variable of the environment reaches a hermetic run if the code names it, and its key knows it', async () => {
  const stage = `${JSON_KIND}
export default defineStage({ module: import.meta.url, name: 'e', about: '', params: () => ({}), inputs: () => ({}), outputs: { v: output(json, { publish: 'v.json' }) },
  async run({ outputs }) { outputs.v.write(process.env.RANKLOOM_TEST_VALUE ?? 'none'); } });`;
  await inFolder({ 'stage.ts': stage }, async (dir) => {
    const value = async (hermetic: boolean) => {
      assert.equal((await runStage(dir, 's', { hermetic })).outcome, 'done');
      return readFileSync(join(dir, 's/latest/v.json'), 'utf8');
    };
    assert.equal(await value(false), '"none"');
    process.env.RANKLOOM_TEST_VALUE = 'set';
    try {
      assert.equal(await value(true), '"set"');
      assert.equal(await value(false), '"set"');
    } finally {
      delete process.env.RANKLOOM_TEST_VALUE;
    }
    assert.equal(await value(true), '"none"');
  });
});

test('code that is edited between two runs of one process is run as it is now', async () => {
  const stage = (value: number) => `${JSON_KIND}
import helper from './helper.ts';
export default defineStage({ module: import.meta.url, name: 'w', about: '', params: () => ({}), inputs: () => ({}), outputs: { v: output(json, { publish: 'v.json' }) },
  async run({ outputs }) { outputs.v.write([${value}, helper]); } });`;
  await inFolder({ 'stage.ts': stage(1), 'helper.ts': 'export default 1;' }, async (dir) => {
    await runStage(dir, 's');
    writeFileSync(join(dir, 'helper.ts'), 'export default 2;');
    writeFileSync(join(dir, 'stage.ts'), stage(2));
    await runStage(dir, 's');
    assert.equal(readFileSync(join(dir, 's/latest/v.json'), 'utf8'), '[2,2]');
  });
});
