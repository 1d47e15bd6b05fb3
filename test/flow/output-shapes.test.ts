/** Outputs of every shape: kept as they are, or refused with their place. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gc, verify } from '../../lib/flow/index.ts';
import { FolderProject } from './folder-project.ts';

const program = fileURLToPath(new URL('./folder-project.ts', import.meta.url));

async function withFolder(body: string, look: (project: FolderProject) => Promise<void>): Promise<void> {
  const project = new FolderProject(body);
  try {
    await look(project);
  } finally {
    project.remove();
  }
}

/** Runs the project in a process with few open files, and tells what came out. */
function runLimited(
  project: FolderProject,
  files: number,
): { outcome: string; ran: number; message: string } {
  const script = `ulimit -n ${files}; exec "$0" "$@"`;
  return JSON.parse(
    execFileSync('/bin/sh', ['-c', script, process.execPath, program, project.dir], { encoding: 'utf8' }),
  );
}

for (const [files, limit] of [
  [1500, 256],
  [3000, 128],
]) {
  test(`${files} files of one output where ${limit} may be open`, () =>
    withFolder(
      `for (let i = 0; i < ${files}; i++) fs.writeFileSync(join(dir, 'f' + i), 'x' + (i % 100));`,
      async (project) => {
        assert.deepEqual(runLimited(project, limit), { outcome: 'done', ran: 1, message: '' });
        assert.equal(readdirSync(join(project.home, 'latest', 'dir')).length, files);
        assert.deepEqual(runLimited(project, limit), { outcome: 'done', ran: 0, message: '' });
        assert.deepEqual((await verify(project.store)).damage, []);
        assert.equal((await gc(project.store, { keepDays: 0, keepRuns: 0 })).objects, 0);
      },
    ));
}

const kept: Record<string, { body: string; names: string[] }> = {
  'empty files': { body: `fs.writeFileSync(join(dir, 'a'), ''); fs.writeFileSync(file, '');`, names: ['a'] },
  'no files at all': { body: '', names: [] },
  'deep folders': {
    body: `const deep = join(dir, ...Array(300).fill('d')); fs.mkdirSync(deep, { recursive: true }); fs.writeFileSync(join(deep, 'a'), '1');`,
    names: [`${'d/'.repeat(300)}a`],
  },
  'names with line breaks, quotes and spaces': {
    body: `for (const name of ['a\\nb', '"q"', ' ', 'x.', '-rf', '\\\\']) fs.writeFileSync(join(dir, name), name);`,
    names: ['a\nb', '"q"', ' ', 'x.', '-rf', '\\'],
  },
  'names of two forms of one accent, and of two cases': {
    body: `for (const name of ['\\u00e9', 'e\\u0301', 'A', 'a']) fs.writeFileSync(join(dir, name), name);`,
    names: ['\u00e9', 'e\u0301', 'A', 'a'],
  },
  'names that every object has': {
    body: `for (const name of ['__proto__', 'constructor', 'toString']) fs.writeFileSync(join(dir, name), name);`,
    names: ['__proto__', 'constructor', 'toString'],
  },
  'files of one content': {
    body: `for (const name of ['a', 'b', 'c']) fs.writeFileSync(join(dir, name), 'same');`,
    names: ['a', 'b', 'c'],
  },
  'a file with a second name elsewhere': {
    body: `fs.linkSync(join(import.meta.dirname, 'package.json'), join(dir, 'a'));`,
    names: ['a'],
  },
  'files that their writer may not write any more': {
    body: `fs.writeFileSync(join(dir, 'a'), 'x', { mode: 0o400 });`,
    names: ['a'],
  },
};

for (const [name, { body, names }] of Object.entries(kept)) {
  test(`an output with ${name} is kept`, () =>
    withFolder(body, async (project) => {
      const { outcome, failed } = await project.run();
      assert.equal(outcome, 'done', failed[0]?.error.message);
      const shown = join(project.home, 'latest', 'dir');
      assert.ok(lstatSync(shown).isDirectory());
      const files = readdirSync(shown, { recursive: true, encoding: 'utf8' }).filter((n) =>
        statSync(join(shown, n)).isFile(),
      );
      assert.deepEqual(files.sort(), [...names].sort());
      assert.equal((await project.run()).ran, 0);
      assert.deepEqual((await verify(project.store)).damage, []);
    }));
}

const refused: Record<string, { body: string; says: RegExp }> = {
  'a symbolic link in a folder': {
    body: `fs.writeFileSync(join(dir, 'a'), ''); fs.symlinkSync('a', join(dir, 'b'));`,
    says: /a symbolic link in its output dir/,
  },
  'a link to a folder': {
    body: `fs.symlinkSync('/', join(dir, 'b'));`,
    says: /a symbolic link in its output dir/,
  },
  'a dead link': { body: `fs.symlinkSync('nowhere', join(dir, 'b'));`, says: /a symbolic link/ },
  'a link for a file': {
    body: `fs.rmSync(file); fs.writeFileSync(join(dir, 'a'), ''); fs.symlinkSync(join(dir, 'a'), file);`,
    says: /a symbolic link as its output file/,
  },
  'a folder for a file': {
    body: `fs.rmSync(file); fs.mkdirSync(file);`,
    says: /left a folder as its output file/,
  },
  'a file for a folder': {
    body: `fs.rmSync(dir, { recursive: true }); fs.writeFileSync(dir, '');`,
    says: /left a file as its output dir/,
  },
  'an empty folder': {
    body: `fs.mkdirSync(join(dir, 'a', 'b'), { recursive: true });`,
    says: /an empty folder in its output dir/,
  },
  'a name that is not UTF-8': {
    body: `fs.writeFileSync(Buffer.concat([Buffer.from(dir + '/'), Buffer.from([0x61, 0xff])]), '');`,
    says: /a name that is not UTF-8/,
  },
  'a named pipe': {
    body: `(await import('node:child_process')).execFileSync('mkfifo', [join(dir, 'p')]);`,
    says: /a named pipe in its output dir/,
  },
  'a path that is too long': {
    body: `const deep = join(dir, ...Array(10).fill('d'.repeat(120))); fs.mkdirSync(deep, { recursive: true }); fs.writeFileSync(join(deep, 'a'), '');`,
    says: /a name of \d+ bytes/,
  },
};

for (const [name, { body, says }] of Object.entries(refused)) {
  test(`an output is refused, with its place: ${name}`, () =>
    withFolder(body, async (project) => {
      const { outcome, failed } = await project.run();
      assert.equal(outcome, 'failed');
      const [{ error }] = failed;
      assert.match(error.message, says);
      assert.notEqual(error.kind, 'internal');
      assert.ok(error.where !== undefined && error.expected !== undefined);
      assert.ok(!existsSync(join(project.home, 'latest')));
      assert.deepEqual((await verify(project.store)).damage, []);
    }));
}
