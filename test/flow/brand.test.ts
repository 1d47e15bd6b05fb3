/** The framework speaks of no program and no command line: a host gives it its words. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { hintsOf } from '../../lib/cli/hints.ts';
import { hintOf, provideHints } from '../../lib/flow/hints.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = globSync('lib/flow/**/*.ts', { cwd: root });
/** Lines of the framework's code that match; the name of the class of errors is not looked at. */
const linesWith = (pattern: RegExp) =>
  sources.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .filter((line) => pattern.test(line.replaceAll('OperationalError', '')))
      .map((line) => `${file}: ${line.trim()}`),
  );

test('the framework names the program only where files and keys fix the name', () => {
  const found = linesWith(/rankloom/i);
  assert.deepEqual(
    found.filter((line) => !line.startsWith('lib/flow/fixed-names.ts:')),
    [],
  );
  assert.equal(found.length, 4);
});

test('the framework names no option of a command line', () => {
  const found = linesWith(/(^|[\s'"`(])--[a-z][\w-]*(?![\w.-])/);
  // Options of Node are no options of ours.
  const ofNode = /--(permission|allow-|conditions|disable-warning|preserve-symlinks)/;
  assert.deepEqual(
    found.filter((line) => !ofNode.test(line)),
    [],
  );
});

test('a host gives its words, to its threads too, and the framework has its own for what is left out', async (t) => {
  t.after(() => provideHints({}));
  assert.match(hintOf('actionTime'), /limits\.timeoutMs/);
  provideHints({ actionTime: 'press the button', maybeOwnCode: 'look at {file}' });
  assert.equal(hintOf('actionTime'), 'press the button');
  assert.equal(hintOf('maybeOwnCode', { file: 'a{file}.ts' }), 'look at a{file}.ts');
  assert.match(hintOf('actionMemory'), /limits\.memoryBytes/);
  const url = new URL('../../lib/flow/hints.ts', import.meta.url).href;
  const code = `import('${url}').then((m) => require('worker_threads').parentPort.postMessage(m.hintOf('actionTime')))`;
  const worker = new Worker(code, { eval: true });
  assert.equal(await new Promise((done) => worker.once('message', done)), 'press the button');
  await worker.terminate();
});

test('the command line says what its users can type', () => {
  const hints = hintsOf('rankloom');
  assert.match(hints.actionTime!, /--action-timeout/);
  assert.match(hints.ownCode!, /not of rankloom; --debug/);
  for (const [name, text] of Object.entries(hints)) assert.ok(text.length > 5, name);
});
