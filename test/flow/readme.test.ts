/** The pipeline of lib/flow/README.md does what is said there. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const README = readFileSync(join(root, 'lib/flow/README.md'), 'utf8');
const dir = realpathSync(mkdtempSync(join(tmpdir(), 'flow-readme-')));
after(() => rmSync(dir, { recursive: true, force: true }));

const files = [...README.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)].map(([, name, text]) => ({ name, text }));
for (const { name, text } of files) writeFileSync(join(dir, name), text);
const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
write('package.json', '{"type":"module"}');
write('text.txt', /that says \*(.*?)\*/.exec(README)![1]);
mkdirSync(join(dir, 'node_modules'));
symlinkSync(root, join(dir, 'node_modules/rankloom'));
for (const name of ['zod', '@types'])
  symlinkSync(join(root, 'node_modules', name), join(dir, 'node_modules', name));

const main = () => execFileSync(process.execPath, ['main.ts'], { cwd: dir, encoding: 'utf8' });
const edit = (name: string, from: string, to: string) => {
  const text = readFileSync(join(dir, name), 'utf8');
  assert.ok(text.includes(from), `${name} has no ${from}`);
  write(name, text.replace(from, to));
};

test('it is small, and right for the compiler', () => {
  assert.deepEqual(
    files.map(({ name }) => name),
    ['words.ts', 'count.ts', 'main.ts'],
  );
  const lines = files.flatMap(({ text }) => text.split('\n').filter((line) => /\w/.test(line)));
  assert.ok(lines.length <= 45, `${lines.length} lines`);
  const options = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { types: ['node'] },
    include: ['*.ts', join(root, 'lib/kernels/*.d.ts')],
  };
  write('tsconfig.json', JSON.stringify(options));
  try {
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['--noEmit', '-p', dir], { encoding: 'utf8' });
  } catch (error) {
    assert.fail((error as { stdout: string }).stdout);
  }
});

test('it prints what the page says, and makes again only what has changed', () => {
  assert.equal(main(), /```\n(3 made.*?)```/s.exec(README)![1]);
  assert.match(main(), /^0 made, 3 kept\n/);
  edit('main.ts', 'long: { from: 4 }', 'long: { from: 5 }');
  assert.match(main(), /^1 made, 2 kept\n/);
  edit('text.txt', 'ran.', 'ran!');
  assert.match(main(), /^1 made, 2 kept\n/); // the same words
  edit('text.txt', 'cat', 'horse');
  assert.equal(main(), '3 made, 0 kept\n{ horse: 1, mouse: 2 }\n');
});
