/** Files that code finds in ways that cannot be followed: a read that no key knows fails the action. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code of modules that are written
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { executors } from '../../lib/flow/workers/executors.ts';
import { type ToyProject, withToys } from './toy-project.ts';

const IMPORTS = `
  import { execFile as startFile, execFileSync as startProgram } from 'node:child_process';
  import * as fsAll from 'node:fs';
  import { createRequire } from 'node:module';
  import * as paths from 'node:path';
  import { fileURLToPath } from 'node:url';
  import { promisify } from 'node:util';
  import { Worker as Thread } from 'node:worker_threads';
`;

/** Code in `run` → the file that it finds, and what it holds. */
const WAYS: Record<string, [code: string, files: Record<string, string>]> = {
  'another ending': [
    "fsAll.readFileSync(`${fileURLToPath(new URL('./model', import.meta.url))}.json`)",
    { 'model.json': '1' },
  ],
  'a way up in a text': [
    "fsAll.readFileSync(`${fileURLToPath(new URL('./data/', import.meta.url))}/../o.json`)",
    { 'data/x': '1', 'o.json': '1' },
  ],
  'a function that is given a URL': [
    "((url) => fsAll.promises.readFile(new URL('./b.json', url)))(new URL('./a.json', import.meta.url))",
    { 'a.json': '1', 'b.json': '1' },
  ],
  'a module behind a variable': [
    "((require) => { const name = './dep.cjs'; return require.call(null, name); })(createRequire(import.meta.url))",
    { 'dep.cjs': 'module.exports = 1;' },
  ],
  'the listing of a folder': [
    "fsAll.readdirSync(paths.dirname(fileURLToPath(new URL('./a.json', import.meta.url))))",
    { 'a.json': '1' },
  ],
  'a question whether a file is there': [
    "fsAll.existsSync(`${fileURLToPath(new URL('./flag', import.meta.url))}.on`)",
    {},
  ],
  'a thread under another name': [
    "new Promise((done) => new Thread(`${fileURLToPath(new URL('./w', import.meta.url))}.mjs`).on('exit', done))",
    { 'w.mjs': 'export {};' },
  ],
  'a script of a program': [
    "startProgram(process.execPath, [`${fileURLToPath(new URL('./tools/', import.meta.url))}m.mjs`])",
    { 'tools/m.mjs': 'export {};' },
  ],
};

function write(toys: ToyProject, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(toys.dir, name)), { recursive: true });
    writeFileSync(join(toys.dir, name), text);
  }
}

function insert(toys: ToyProject, code: string): void {
  toys.edit(
    'numbers.ts',
    "    import { readFileSync } from 'node:fs';",
    `${IMPORTS}    import { readFileSync } from 'node:fs';`,
  );
  toys.edit('numbers.ts', '// a comment in numbers', `await (${code});`);
}

for (const [way, [code, files]] of Object.entries(WAYS)) {
  test(`a file found by ${way} is refused`, async () => {
    await withToys(async (toys) => {
      write(toys, files);
      insert(toys, code);
      const { failed, outcome } = await toys.run();
      assert.equal(outcome, 'failed', 'the file is not known');
      const [{ target, error }] = failed;
      if (error.kind === 'config') return; // it was refused before anything ran
      assert.deepEqual([target, error.kind], ['numbers', 'impure']);
      assert.match(error.message, /^stage numbers (reads|runs) .*, which no key knows$/);
    });
  });
}

test('what an action made itself, what it names and what the system has may be read', async () => {
  for (const executor of [executors.thread, executors.process]) {
    await withToys(async (toys) => {
      write(toys, { 'a.json': '1', 'data/b.json': '2' });
      const own = `(async () => {
        JSON.parse(fsAll.readFileSync(new URL('./a.json', import.meta.url), 'utf8'));
        fsAll.readdirSync(new URL('./data/', import.meta.url));
        ${
          executor === executors.process
            ? ''
            : `const { stdout } = await promisify(startFile)('echo', ['yes']);
        if (!stdout.startsWith('yes')) throw new Error('promisify gives ' + stdout);
        fsAll.readFileSync('/proc/self/status');
        const folder = fsAll.mkdtempSync('/tmp/rankloom-own-');
        fsAll.writeFileSync(folder + '/x', '1');
        fsAll.readFileSync(folder + '/x');
        fsAll.rmSync(folder, { recursive: true });`
        }
      })()`;
      insert(toys, own);
      const { failed, outcome } = await toys.run({ executor });
      assert.equal(outcome, 'done', failed[0]?.error.message);
    });
  }
});
