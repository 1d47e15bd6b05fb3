/** What the identity of code sees, kind by kind, and what it refuses. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code of modules that are written
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { CodeEntry } from '../../lib/flow/code/code-entry.ts';
import { CodeIdentities } from '../../lib/flow/code/identity.ts';
import { splitOptions } from '../../lib/flow/code/node-options.ts';
import { StatCache } from '../../lib/flow/keys/stat-cache.ts';

const home = realpathSync(mkdtempSync(join(tmpdir(), 'rankloom-identity-')));
after(() => rmSync(home, { recursive: true }));
let count = 0;

type Content = string | { link: string } | null;

/** A folder of files that tests change, and the identity of `main.ts` in it. */
class Code {
  readonly dir = join(home, `code-${count++}`);

  constructor(files: Record<string, Content>) {
    this.set({ 'package.json': '{ "type": "module" }', ...files });
  }

  set(files: Record<string, Content>): this {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.dir, name);
      rmSync(path, { recursive: true, force: true });
      if (content === null) continue;
      mkdirSync(dirname(path), { recursive: true });
      if (typeof content === 'string') writeFileSync(path, content);
      else symlinkSync(content.link, path);
    }
    return this;
  }

  /** As a run finds it out that remembers the last one; it must be what a first run finds out. */
  async hash(names?: CodeEntry['names']): Promise<string> {
    const warm = await this.#identify(join(this.dir, '.store'), names);
    const cold = await this.#identify(join(this.dir, `.store-${count++}`), names);
    assert.equal(warm, cold, 'what is remembered is what is found out anew');
    return warm;
  }

  async #identify(store: string, names?: CodeEntry['names']): Promise<string> {
    const stats = new StatCache(join(store, 'files.json'));
    const identities = new CodeIdentities(
      { cacheFile: join(store, 'code.json'), texts: join(store, 'code') },
      stats,
    );
    const entry = { module: join(this.dir, 'main.ts'), names };
    await identities.prepare([entry]);
    identities.save();
    stats.save();
    return identities.get(entry).hash;
  }

  async changes(files: Record<string, Content>, what: string): Promise<void> {
    const before = await this.hash();
    assert.notEqual(await this.set(files).hash(), before, what);
  }

  async keeps(files: Record<string, Content>, what: string): Promise<void> {
    const before = await this.hash();
    assert.equal(await this.set(files).hash(), before, what);
  }
}

const module = (value: number) => `export default ${value};\n`;
const pack = (name: string, version: string, value: number, more: object = {}) => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({
    name,
    version,
    type: 'module',
    exports: './index.js',
    ...more,
  }),
  [`node_modules/${name}/index.js`]: module(value),
});

test('links: of a file, of a folder, of a helper', async () => {
  const code = new Code({
    'main.ts': { link: 'real/a.ts' },
    'real/a.ts': "import x from './x.ts'; import y from '../dir/y.ts'; export default [x, y];",
    'real/x.ts': { link: 'x1.ts' },
    'real/x1.ts': module(1),
    'real/x2.ts': module(2),
    dir: { link: 'one' },
    'one/y.ts': module(3),
    'two/y.ts': module(4),
    'real/b.ts': module(5),
  });
  await code.changes({ 'real/x.ts': { link: 'x2.ts' } }, 'a helper');
  await code.changes({ dir: { link: 'two' } }, 'a folder');
  await code.changes({ 'main.ts': { link: 'real/b.ts' } }, 'the file itself');
  await code.keeps(
    { 'main.ts': { link: 'real/c.ts' }, 'real/c.ts': { link: 'b.ts' } },
    'two links to the same',
  );
});

test('linked packages and those of a workspace are code of ours', async () => {
  const code = new Code({
    'main.ts': "import { scale } from 'mathlib'; export default scale;",
    'node_modules/mathlib': { link: '../packages/mathlib' },
    'packages/mathlib/package.json':
      '{ "name": "mathlib", "version": "1.0.0", "type": "module", "exports": "./index.ts" }',
    'packages/mathlib/index.ts': 'export const scale = 2; export const unused = 1;',
  });
  await code.changes(
    { 'packages/mathlib/index.ts': 'export const scale = 3; export const unused = 1;' },
    'edited',
  );
  await code.keeps(
    { 'packages/mathlib/index.ts': 'export const scale = 3; export const unused = 2;' },
    'what is not used',
  );
  await code.changes(
    {
      'packages/other/index.ts': 'export const scale = 4;',
      'packages/other/package.json': '{ "name": "mathlib", "type": "module", "exports": "./index.ts" }',
      'node_modules/mathlib': { link: '../packages/other' },
    },
    'relinked',
  );
});

test('packages: nearer ones, edits in place, what they depend on, declared or not', async () => {
  const code = new Code({
    'src/m.ts': "import q from 'q'; export default q;",
    'main.ts': "import m from './src/m.ts'; export default m;",
    ...pack('q', '1.0.0', 1, { peerDependencies: { peer: '*' }, optionalDependencies: { maybe: '*' } }),
    ...pack('peer', '1.0.0', 2),
  });
  await code.changes({ 'node_modules/q/index.js': module(9) }, 'an edit in place');
  await code.changes({ 'node_modules/peer/index.js': module(9) }, 'a peer dependency');
  await code.changes(pack('maybe', '1.0.0', 1), 'an optional dependency that comes');
  await code.changes(
    { 'node_modules/q/index.js': "import p from 'phantom'; export default p;\n" },
    'an import',
  );
  await code.changes(pack('phantom', '1.0.0', 1), 'a dependency that is not declared');
  const nearer = Object.fromEntries(Object.entries(pack('q', '2.0.0', 1)).map(([k, v]) => [`src/${k}`, v]));
  await code.changes(nearer, 'a nearer one');
  const { hash } = await identityIn(code, 'main.ts');
  await code.keeps({ 'node_modules/unrelated/package.json': '{}' }, 'another package');
  assert.equal((await identityIn(code, 'main.ts')).hash, hash);
});

async function identityIn(code: Code, name: string) {
  const store = join(code.dir, `.store-${count++}`);
  const paths = { cacheFile: join(store, 'code.json'), texts: join(store, 'code') };
  const identities = new CodeIdentities(paths, new StatCache(join(home, 'none')));
  const entry = { module: join(code.dir, name) };
  await identities.prepare([entry]);
  return identities.get(entry);
}

test("pnpm's layout: the package behind the link, and its own neighbours", async () => {
  const at = (name: string, inside: string) => `node_modules/.pnpm/${name}@1.0.0/node_modules/${inside}`;
  const code = new Code({
    'main.ts': "import a from 'a'; export default a;",
    'node_modules/a': { link: '.pnpm/a@1.0.0/node_modules/a' },
    [`${at('a', 'a')}/package.json`]:
      '{ "name": "a", "version": "1.0.0", "type": "module", "dependencies": { "b": "1" } }',
    [`${at('a', 'a')}/index.js`]: "export { default } from 'b';",
    [at('a', 'b')]: { link: '../../b@1.0.0/node_modules/b' },
    [`${at('b', 'b')}/package.json`]: '{ "name": "b", "version": "1.0.0", "type": "module" }',
    [`${at('b', 'b')}/index.js`]: module(1),
  });
  await code.changes({ [`${at('b', 'b')}/index.js`]: module(2) }, 'republished');
  await code.changes(
    { [`${at('b', 'b')}/package.json`]: '{ "name": "b", "version": "2.0.0", "type": "module" }' },
    'upgraded',
  );
});

test('maps of a package.json: exports, imports, its own name, main, type', async () => {
  const own = (exports: unknown, imports: unknown = {}) =>
    JSON.stringify({ name: 'own', type: 'module', exports, imports });
  const code = new Code({
    'main.ts': "import a from 'own/a'; import b from '#b'; export default [a, b];",
    'package.json': own({ './a': './x.ts' }, { '#b': './x.ts' }),
    'x.ts': module(1),
    'y.ts': module(2),
  });
  await code.changes({ 'package.json': own({ './a': './y.ts' }, { '#b': './x.ts' }) }, 'exports');
  await code.changes(
    { 'package.json': own({ './a': { import: './y.ts' } }, { '#b': { node: './y.ts' } }) },
    'imports',
  );
  const old = new Code({
    'main.ts': "import a from 'a'; import c from './c/c.js'; export default [a, c];",
    'node_modules/a/package.json': '{ "main": "one" }',
    'node_modules/a/one.js': 'module.exports = 1;',
    'node_modules/a/two.js': 'module.exports = 2;',
    'c/c.js': 'export default typeof this;',
  });
  await old.changes({ 'node_modules/a/package.json': '{ "main": "two" }' }, 'main');
  await old.changes(
    { 'c/package.json': '{ "type": "commonjs" }' },
    'a package.json that comes to say the type',
  );
});

test('require: by createRequire and in CommonJS, with the endings that it tries', async () => {
  const code = new Code({
    'main.ts':
      "import { createRequire } from 'node:module'; import c from './c.cjs'; const load = createRequire(import.meta.url); export default [load('./data'), load.resolve('./late.json'), c];",
    'data/index.js': 'module.exports = 1;',
    'data/package.json': '{ "type": "commonjs" }',
    'c.cjs': "module.exports = [require('./d'), require('./e.json')];",
    'd.cjs': '',
    'd.js': '',
    'e.json': '1',
    'late.json': '1',
  });
  await code.changes({ 'e.json': '2' }, 'JSON');
  await code.changes({ 'data/index.js': 'module.exports = 2;' }, 'the main file of a folder');
  await code.changes({ 'data.json': '3' }, 'a file before a folder');
  await code.changes({ data: null, 'data.js': 'module.exports = 4;' }, 'and one before that');
  await code.changes({ 'late.json': null }, 'what is resolved only');
  const pure = new Code({
    'main.ts': "import { load } from './load.ts'; export default load('./x.json');",
    'load.ts':
      "import { createRequire } from 'node:module'; export const load = createRequire(import.meta.url);",
    'x.json': '1',
  });
  await pure.changes({ 'x.json': '2' }, 'through another module');
});

test('file URLs, literal imports that may fail, JSON, re-exports', async () => {
  const code = new Code({ 'x.ts': module(1), 'y.ts': module(1), 'z.json': '1' });
  const url = pathToFileURL(join(code.dir, 'x.ts')).href;
  code.set({
    'main.ts': `import x from '${url}'; import z from './z.json' with { type: 'json' }; export { default as y } from './y.ts'; const late = await import('./late.ts').catch(() => 0); export default [x, z, late];`,
  });
  await code.changes({ 'x.ts': module(2) }, 'a file URL');
  await code.changes({ 'y.ts': module(2) }, 'a re-export');
  await code.changes({ 'z.json': '2' }, 'JSON');
  await code.changes({ 'late.ts': module(1) }, 'what comes later');
  await code.changes({ 'late.ts': null }, 'and goes');
});

test('imports for their effect, also under unused names, and calls that are marked as pure', async () => {
  const code = new Code({
    'package.json': '{ "type": "module", "sideEffects": false }',
    'main.ts':
      "import { unused } from './side.ts'; import './effect.ts'; import { log } from './log.ts'; export default log;",
    'log.ts': 'export const log: number[] = [];',
    'side.ts': "import { log } from './log.ts'; log.push(1); export const unused = 1;",
    'effect.ts': "import { log } from './log.ts'; const spare = /* @__PURE__ */ log.push(2);",
  });
  await code.changes(
    { 'side.ts': "import { log } from './log.ts'; log.push(3); export const unused = 1;" },
    'unused names',
  );
  await code.changes(
    { 'effect.ts': "import { log } from './log.ts'; const spare = /* @__PURE__ */ log.push(4);" },
    'pure',
  );
});

test('assets: they come, change and go; folders; paths from the folder of the module', async () => {
  const code = new Code({
    'main.ts':
      "import { existsSync } from 'node:fs'; import * as path from 'node:path'; export default [existsSync(new URL('./a.txt', import.meta.url)), new URL('./table/', import.meta.url), path.join(import.meta.dirname, 'deep', 'b.txt'), `${import.meta.dirname}/c.txt`];",
    'table/1.txt': '1',
  });
  for (const name of ['a.txt', 'deep/b.txt', 'c.txt', 'table/2.txt', 'table/deep/3.txt']) {
    await code.changes({ [name]: '1' }, `${name} comes`);
    await code.changes({ [name]: '2' }, `${name} changes`);
    await code.changes({ [name]: null }, `${name} goes`);
  }
  await code.keeps({ 'd.txt': '1' }, 'another file');
});

test('files beside a module by its own path, as code of before import.meta.dirname names them', async () => {
  const head =
    "import { dirname, join } from 'node:path'; import { fileURLToPath } from 'node:url'; import { readFileSync } from 'node:fs';\n";
  for (const read of [
    "const here = dirname(fileURLToPath(import.meta.url)); export default readFileSync(join(here, 'deep', 't.txt'));",
    'const file = fileURLToPath(import.meta.url); const here = dirname(file); export default readFileSync(`${here}/deep/t.txt`);',
    "export default readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'deep/t.txt'));",
    "import { there } from './deep/place.ts'; export default readFileSync(join(there, 't.txt'));",
  ]) {
    const code = new Code({
      'main.ts': head + read,
      'deep/place.ts':
        "import { dirname } from 'node:path'; import { fileURLToPath } from 'node:url'; export const there = dirname(fileURLToPath(import.meta.url)); export const other = (file: string) => file;",
      'deep/t.txt': '1',
    });
    await code.changes({ 'deep/t.txt': '2' }, read);
    await code.changes({ 'deep/t.txt': null }, `${read} goes`);
  }
});

test('a package that imports files outside of its folder counts with them', async () => {
  const code = new Code({
    'main.ts': "import a from 'a'; export default a;",
    'node_modules/a/package.json': '{ "name": "a", "version": "1.0.0", "type": "module", "main": "a.js" }',
    'node_modules/a/a.js': "export { default } from '../../shared/b.js';",
    'shared/package.json': '{ "type": "module" }',
    'shared/b.js': "export { default } from './c.js';",
    'shared/c.js': 'export default 1;',
    'shared/d.js': 'export default 1;',
  });
  await code.changes({ 'shared/c.js': 'export default 2;' }, 'a file that a file outside imports');
  await code.changes({ 'shared/b.js': "export { default } from './d.js';" }, 'a file outside');
});

test('what is made of the URL of a file or folder is followed as well', async () => {
  const use =
    "import { readFileSync } from 'node:fs'; import { fileURLToPath } from 'node:url'; import { join } from 'node:path';\n";
  const folder = "const DATA = new URL('./data/', import.meta.url);\n";
  for (const read of [
    `${folder}export default readFileSync(new URL('../t.txt', DATA));`,
    "export default readFileSync(new URL('../t.txt', new URL('./data/', import.meta.url)));",
    "import { DATA } from './place.ts'; export default readFileSync(new URL('../t.txt', DATA.href));",
    `${folder}const path = fileURLToPath(DATA); export default readFileSync(join(path, '..', 't.txt'));`,
    `${folder}const own = (name: string) => readFileSync(new URL(name, DATA)); export default own('a') + readFileSync(new URL('../t.txt', DATA));`,
  ]) {
    const code = new Code({
      'main.ts': use + read,
      'place.ts': `export ${folder}`,
      'data/a': '1',
      't.txt': '1',
    });
    await code.changes({ 't.txt': '2' }, read);
    await code.changes({ 'data/a': '2' }, read);
  }
  const named = new Code({
    'main.ts':
      "const TOOL = new URL('./tool.ts', import.meta.url); export default (await import(TOOL.href)).default;",
    'tool.ts': "export { default } from './k.ts';",
    'k.ts': module(1),
  });
  await named.changes({ 'k.ts': module(2) }, 'an import by the name of a URL');
});

test('usual ways to ask what a module is, and files that are no part of it', async () => {
  await new Code({
    'main.ts': "import s from './old.cjs'; import d from './d.js'; export default [s, d];",
    'old.cjs': 'if (require.main === module) throw new Error(); module.exports = typeof require;',
    'd.js': "export default typeof require === 'undefined';",
  }).hash();
  await new Code({
    'main.ts':
      "import { readFileSync } from 'node:fs'; import { readFile } from 'node:fs/promises'; export default async (path: string) => [readFileSync(path), await readFile(`${path}.json`), readFileSync('/proc/self/stat')];",
  }).hash();
});

test('two modules of one text do not stand for each other', async () => {
  const reads =
    "import { readFileSync } from 'node:fs'; export default readFileSync(new URL('./x.txt', import.meta.url), 'utf8');";
  const code = new Code({
    'main.ts': "import a from './a/m.ts'; import b from './b/m.ts'; export default [a, b];",
    'a/m.ts': reads,
    'b/m.ts': reads,
    'a/x.txt': '1',
    'b/x.txt': '2',
  });
  await code.changes({ 'a/x.txt': '2', 'b/x.txt': '1' }, 'the files change places');
  const text = new Code({ 'main.ts': 'export default `\n// a.ts\n`;' });
  await text.changes(
    { 'main.ts': 'export default `\n// b.ts\n`;' },
    'a text that looks like the head of a module',
  );
});

test('the names of an application mean what it says, whatever lies in node_modules', async () => {
  const code = new Code({
    'main.ts': "import api from 'app'; export default api;",
    'api.ts': module(1),
    ...pack('app', '1.0.0', 5),
  });
  const names = { app: pathToFileURL(join(code.dir, 'api.ts')).href };
  const before = await code.hash(names);
  code.set({ 'api.ts': module(2) });
  assert.notEqual(await code.hash(names), before);
  const now = await code.hash(names);
  code.set({ 'node_modules/app/index.js': module(6) });
  assert.equal(await code.hash(names), now);
});

test('variables of the environment count by their value', async () => {
  const code = new Code({
    'main.ts':
      "const { RANKLOOM_A = '1' } = process.env; export default [RANKLOOM_A, globalThis.process.env.RANKLOOM_B];",
  });
  const before = await code.hash();
  process.env.RANKLOOM_B = '2';
  const after = await code.hash();
  delete process.env.RANKLOOM_B;
  assert.notEqual(after, before);
  assert.equal(await code.hash(), before);
});

test('names of functions count, also where two modules have one of the same name', async () => {
  const code = new Code({
    'main.ts':
      "import { a } from './a.ts'; import { b } from './b.ts'; export default [a, b].map((f) => f.name);",
    'a.ts': 'function mean(x: number) { return x; } export const a = mean;',
    'b.ts': 'function mean(x: number) { return x + 1; } export const b = mean;',
  });
  const renamed = 'function mean2(x: number) { return x + 1; } export const b = mean2;';
  await code.changes({ 'b.ts': renamed }, 'another name');
});

test('two modules may each have a `require` of their own in a function', async () => {
  const body =
    "import { createRequire } from 'node:module'; export default function f() { const require = createRequire(import.meta.url); return require('./t.json'); }";
  const code = new Code({
    'main.ts': `import g from './lib/h.ts'; ${body.replace('return', 'g(); return')}`,
    'lib/h.ts': body,
    't.json': '1',
    'lib/t.json': '1',
  });
  await code.changes({ 'lib/t.json': '2' }, 'a file of the one');
  await code.changes({ 't.json': '2' }, 'a file of the other');
});

test('maps of imports may begin with `#/`', async () => {
  const code = new Code({
    'package.json': '{ "type": "module", "imports": { "#/*": "./lib/*" } }',
    'main.ts': "import x from '#/dep.ts'; export default x;",
    'lib/dep.ts': 'export default 1;',
  });
  await code.changes({ 'lib/dep.ts': 'export default 2;' }, 'what it leads to');
});

test('NODE_OPTIONS is taken apart as Node does it', () => {
  assert.deepEqual(splitOptions('--a  "--b=c d" --e="f \\" g"'), ['--a', '--b=c d', '--e=f " g']);
  assert.deepEqual(splitOptions(' '), []);
});

test('what cannot be followed is refused with its place', async () => {
  const cases: [text: string, at: string, message: RegExp][] = [
    ['const x: string = process.argv[2]; export default await import(x);', 'import(x)', /computed import/],
    [
      "const x = 'a'; export default new URL(`./${x}.json`, import.meta.url);",
      'new URL(`',
      /URL that is computed/,
    ],
    ['export default import.meta.dirname.length;', 'import.meta.dirname', /own folder/],
    ['export default __filename;', '__filename', /own name/],
    [
      "import { fileURLToPath } from 'node:url'; const F = fileURLToPath(import.meta.url); export default F.length;",
      'F.length',
      /own name/,
    ],
    [
      "import { dirname } from 'node:path'; import { fileURLToPath } from 'node:url'; let d = dirname(fileURLToPath(import.meta.url)); if (d.length > 3) d = '/'; export default d + '/x.ts';",
      'd.length',
      /own folder/,
    ],
    ["const U = import.meta.url; export default new URL('./x.txt', U);", 'U)', /import\.meta\.url/],
    ['const { url } = import.meta; export default url;', 'import.meta;', /import\.meta/],
    ['export default import.meta.url.length;', 'import.meta.url', /import\.meta\.url/],
    [
      "import { createRequire } from 'node:module'; const r = createRequire(import.meta.url); export default r(process.argv[2]);",
      'r(process',
      /computed `require`/,
    ],
    [
      "import { createRequire } from 'node:module'; export default createRequire('/x.js')('./y');",
      "createRequire('/x",
      /createRequire/,
    ],
    [
      "import { register } from 'node:module'; register('./hooks.js'); export default 1;",
      'import { register',
      /change what imports mean/,
    ],
    ['const g = globalThis; export default g.process.env;', 'globalThis;', /global object as a whole/],
    ['const { process: p } = globalThis; export default p.env.X;', 'globalThis;', /global object as a whole/],
    ["const k = 'process'; export default globalThis[k].env.X;", 'globalThis[', /global object as a whole/],
    ["import * as p from 'node:process'; export default p.default.env.X;", 'default.env', /process\.default/],
    ["export default (await import('node:process')).env;", 'import(', /not imported at the top/],
    ["export default ({ team }: any) => team('file:///x' + process.pid);", 'team(', /thread/],
    ['export default process.env;', 'process.env', /environment as a whole/],
    ['const p = process; export default p.env.X;', 'process; export', /process/],
    ["export default process.getBuiltinModule('module');", 'process.getB', /getBuiltinModule/],
    ['export default (0, eval)(\'import("./x.ts")\');', 'eval)', /text/],
    ["export default new Function('x', process.argv[2]);", "Function('x'", /text/],
    [
      "import { Worker } from 'node:worker_threads'; export default new Worker(process.argv[2]);",
      'new Worker(',
      /thread/,
    ],
    ["import x from './x.ts?copy'; export default x;", "'./x.ts?copy'", /copy of a module/],
    ["import x from 'data:text/javascript,export default 1'; export default x;", "'data:", /lies in no file/],
    ["import x from './missing.ts'; export default x;", "'./missing.ts'", /does not find/],
    [
      "import { readFileSync } from 'node:fs'; export default readFileSync('t.txt');",
      "readFileSync('t",
      /path alone: "t.txt"/,
    ],
    [
      "import fs from 'node:fs'; export default await fs.promises.readFile('/data/t.txt');",
      'fs.promises.',
      /path alone/,
    ],
    ['export default process.cwd();', 'process.cwd', /process\.cwd/],
    [
      "import { dirname } from 'node:path'; const F = new URL('./x.ts', import.meta.url); export default dirname(F.pathname);",
      'dirname(F',
      /leads away/,
    ],
    [
      "const F = new URL('./x.ts', import.meta.url); export default (x: string) => new URL(x, F);",
      'new URL(x',
      /URL that is computed/,
    ],
    [
      "let f = new URL('./x.ts', import.meta.url); f = globalThis.other; export default await import(f.href);",
      'import(f',
      /computed import/,
    ],
    ["export default new URL('.', import.meta.url);", "new URL('.'", /folder that the code itself is in/],
    ['const n = 1; export default (x: string) => import(`./${x}.ts`);', '`./${x}.ts`', /computed import/],
  ];
  for (const [text, at, message] of cases) {
    const code = new Code({ 'main.ts': `\n  ${text}\n`, 'x.ts': module(1) });
    await assert.rejects(
      code.hash(),
      (error: { message: string; where: string; kind: string }) => {
        assert.match(error.message, message, text);
        assert.equal(error.where, `${join(code.dir, 'main.ts')}:2:${text.indexOf(at) + 3}`, text);
        assert.equal(error.kind, 'config');
        return true;
      },
      text,
    );
  }
});

test('what is not used is not refused, and what a stage is given as `code` may be imported', async () => {
  const code = new Code({
    'main.ts':
      "import { used } from './h.ts'; export default { async run({ code }: { code: string[] }) { return [used, await import(code[0])]; } };",
    'h.ts': 'export const used = 1; export const unused = () => import(process.argv[2]);',
  });
  await code.hash();
  code.set({ 'main.ts': 'const code = [process.argv[2]]; export default await import(code[0]);' });
  await assert.rejects(code.hash(), /computed import/);
});
