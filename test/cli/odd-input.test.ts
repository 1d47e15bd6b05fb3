/**
 * Odd configs, values of options, names, places and plans: each is refused with its place and an exit code of 2 or 5, or
 * works; none is called a bug of ours. In one process, since there are many.
 */
import assert from 'node:assert/strict';
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
import { after, before, test } from 'node:test';
import { runCommand } from '../../lib/cli/program.ts';
import { study } from '../../lib/cli/rankloom-app.ts';
import { EXIT, exitCodeOf, toErrorInfo } from '../../lib/errors.ts';
import { Project } from './support.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'rankloom-odd-')));
const home = process.cwd();

const CONFIG = `export default {
  dataset: { source: 'simulated', cells: 100, genes: 100, types: 2 },
  subset: { cellsPerType: 20, minCellsPerType: 10, minGenes: 5 },
  encodings: { rank: { kind: 'rank' } }, embeddings: {}, joint: [], fidelity: null,
  measures: { m: { of: 'rank', metric: 'spearman' } }, diagnostics: { cells: 20 }, purity: { k: [] },
};
`;

before(async () => {
  process.chdir(dir);
  for (const folder of ['folder', 'full', 'folder.ts']) mkdirSync(folder);
  const files: Record<string, string> = {
    'pipeline.config.ts': CONFIG,
    'package.json': '{"type":"module"}',
    file: 'x',
    'full/x': 'y',
    'empty.json': '',
    'mark.json': '\uFEFF{"seed": 1}',
    'null.json': 'null',
    'list.json': '[]',
    'cut.json': '{"seed":',
    'number.yaml': '3',
    'cut.yaml': 'a: [1',
    'many.yaml': `a: &a [1,1]\nb: &b [${'*a,'.repeat(20)}]\nc: &c [${'*b,'.repeat(20)}]\nd: [${'*c,'.repeat(20)}]\n`,
    'names.json': '{"__proto__": {"seed": 1}, "constructor": 1}',
    'deep.json': `{"encodings":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    'throws.ts': 'throw new Error("mine");',
    'throws-text.ts': 'throw "mine";',
    'throws-nothing.ts': 'throw undefined;',
    'nothing.ts': 'export const x = 1;',
    'function.ts': 'export default () => ({});',
    'promise.ts': 'export default Promise.resolve({});',
    'class.ts': 'export default new (class A { seed = 1 })();',
    'date.ts': 'export default new Date();',
    'map.ts': 'export default { subset: new Map([["minGenes", 5]]) };',
    'big.ts': 'export default { seed: 10n };',
    'symbol.ts': 'export default { seed: Symbol("x") };',
    'ring.ts': 'const a: any = { encodings: {} }; a.encodings.x = a; export default a;',
    'getter.ts': 'export default { get seed() { throw new Error("mine") } };',
    'proxy.ts': 'export default new Proxy({}, { ownKeys() { throw new TypeError("mine") } });',
    'package.ts': 'import x from "no-such-package"; export default x;',
    'module.ts': 'import x from "./no-such-file.ts"; export default x;',
    'syntax.ts': 'export default { a: ; };',
    'enum.ts': 'enum A { x } export default {};',
    'text.ts': 'export default "text";',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(name, text);
  symlinkSync('nowhere.ts', 'dangling.ts');
  symlinkSync('loop.ts', 'loop.ts');
  const { code, text } = await command('run', 'load', '--quiet');
  assert.equal(code, 0, text);
});

after(() => {
  process.chdir(home);
  rmSync(dir, { recursive: true, force: true });
});

/** Runs a command in this process; what it prints is caught. */
async function command(...args: string[]): Promise<{ code: number; text: string; kind?: string }> {
  const { stdout, stderr } = process;
  const writes = [stdout.write, stderr.write];
  let text = '';
  // The test runner talks to its parent in bytes, at any time.
  const caught = (chunk: unknown) => {
    if (typeof chunk !== 'string') return writes[0].call(stdout, chunk as Uint8Array);
    text += chunk;
    return true;
  };
  stdout.write = stderr.write = caught as typeof stdout.write;
  try {
    return { code: await runCommand(study, args), text };
  } catch (error) {
    const { kind, message, hint = '', where = '', stack } = toErrorInfo(error);
    const report = (error as { report?: string }).report ?? '';
    const said = `${report}${message}\n${where}\n${hint}\n${kind === 'internal' ? stack : ''}`;
    return { code: exitCodeOf(kind), kind, text: text + said };
  } finally {
    [stdout.write, stderr.write] = writes;
  }
}

/** Every command ends with one of the codes, and is not called a bug. */
async function requireCodes(codes: readonly number[], commands: readonly string[][]): Promise<void> {
  for (const args of commands) {
    const { code, text, kind } = await command(...args);
    const said = `${args.map((a) => JSON.stringify(a.slice(0, 60))).join(' ')} → ${code}: ${text.slice(0, 800)}`;
    assert.notEqual(kind, 'internal', said);
    assert.doesNotMatch(text, /internal error|bug in rankloom/, said);
    assert.ok(codes.includes(code), said);
  }
}

const LONG = 'x'.repeat(300);

test('odd configs', async () => {
  const named = (name: string) => ['config', '--config', name];
  await requireCodes(
    [EXIT.badInput],
    [
      ...[
        'folder',
        'folder.ts',
        'file',
        'no.ts',
        'file/x.ts',
        'empty.json',
        'null.json',
        'list.json',
        'cut.json',
      ],
      ...['number.yaml', 'cut.yaml', 'many.yaml', 'names.json', 'deep.json', 'throws.ts', 'throws-text.ts'],
      ...[
        'throws-nothing.ts',
        'nothing.ts',
        'function.ts',
        'promise.ts',
        'class.ts',
        'date.ts',
        'map.ts',
        'big.ts',
      ],
      ...[
        'symbol.ts',
        'ring.ts',
        'getter.ts',
        'proxy.ts',
        'package.ts',
        'module.ts',
        'syntax.ts',
        'enum.ts',
        'text.ts',
      ],
      ...['dangling.ts', 'loop.ts', `${LONG}.ts`, '', '.', '\0.ts', '/dev/null'],
    ].map(named),
  );
  await requireCodes([EXIT.done], [named('mark.json')]);
  assert.match((await command(...named('map.ts'))).text, /subset is Map\(1\)/);
  assert.match((await command(...named('ring.ts'))).text, /encodings\.x holds itself/);
});

test('odd values of options', async () => {
  const each = (args: string[], values: string[]) => values.map((value) => [...args, value]);
  await requireCodes(
    [EXIT.badInput],
    [
      ...each(['plan', '--workers'], ['', '0', '-1', '1.5', 'abc', '1e9', 'NaN', 'Infinity', '١']),
      ...each(['run', '--dry-run', '--memory'], ['', '0', '-1', '8X', '1e3', 'Infinity', '0.0000001']),
      ...each(['run', '--dry-run', '--action-timeout'], ['', '0', '-1s', '1x', '0ms', '1e9d']),
      ...each(['show', 'cells', '--rows'], ['', '-1', 'x', '1.5', 'Infinity']),
      ...each(['gc', '--dry-run', '--keep-runs'], ['', '-1', 'x', 'NaN']),
      ...each(['gc', '--dry-run', '--keep'], ['', '..', '../..', 'x', LONG, '\0']),
      ...each(['gc', '--dry-run', '--older-than'], ['', '-1', 'x', '1e3d', 'Infinity']),
      ...each(['gc', '--dry-run', '--max-size'], ['', '-1', 'x', '1e400']),
      ...each(['verify', '--dry-run', '--recompute'], ['', '0', '-1', '2', '200%', 'x', '%', 'NaN']),
      ...each(['verify', '--dry-run', '--seed'], ['', '-1', 'x', '4294967296']),
      ...each(['runs', 'diff', 'latest', 'latest', '--tolerance'], ['', '-1', 'NaN', '2']),
      ...each(['plan', '--encodings'], ['', ',', 'x', 'constructor']),
      ...each(['plan', '--data'], ['no.h5ad', 'folder', '\0']).map((args) => [...args, '--label', 'x']),
      ...each(['plan', '--config', 'pipeline.config.ts', '--store'], ['', '\0']),
      ...each(['show', 'cells', '--study'], ['', '..', 'x']),
      ['plan', '--label', 'x'],
      ['graph', '--format', 'x'],
      ['run', '--set'],
      ['nothing'],
      ['runs', 'nothing'],
    ],
  );
});

test('odd values of keys', async () => {
  const refused = [
    'a',
    '=',
    '=1',
    'a=',
    '[=1',
    'a[0=1',
    'a..b=1',
    '["\\x"]=1',
    '["\\u00"]=1',
    'seed=',
    'seed=abc',
    'seed=1e999',
    '__proto__.x=1',
    'constructor.x=1',
    'encodings.__proto__.kind=rank',
    'encodings={"__proto__":{"kind":"rank"}}',
    'encodings[0]=1',
    'joint[5]=1',
    'joint.length=3',
    'seed.x=1',
    'dataset=null',
    'dataset=[]',
    'measures.m.of=constructor',
    'measures.m.of=__proto__',
    'diagnostics.cells=-1',
    'store=',
    'name=7',
    'name=a/b',
    'encodings.a={"kind":"module","from":"."}',
    'embeddings.e={"method":"umap","of":"e"}',
    'dataset={"source":"."}',
  ];
  await requireCodes(
    [EXIT.badInput],
    refused.map((set) => ['plan', '--set', set]),
  );
});

test('odd names of outputs, runs and targets', async () => {
  const names = [
    '',
    '.',
    '..',
    '/',
    '../../pipeline.config.ts',
    'figures/..',
    '../run.json',
    'load',
    'load.',
    '.cells',
    'load.constructor',
    'constructor',
    '__proto__',
    'toString.x',
    'encode[rank',
    LONG,
    '\0',
    '/etc/passwd',
  ];
  const runs = ['', '..', 'lates', '/', '\0', '*', '[', 'partial', LONG];
  const targets = ['', '+', '[rank]', 'encode[]', 'encode[rank]]', 'constructor', '__proto__', LONG];
  await requireCodes(
    [EXIT.badInput],
    [
      ...names.flatMap((name) => [
        ['show', name],
        ['export', 'out', name],
      ]),
      ...runs.flatMap((run) => [
        ['runs', 'show', run],
        ['runs', 'diff', run, 'latest'],
        ['runs', 'export', run, 'out'],
        ['show', 'cells', '--run', run],
      ]),
      ...targets.flatMap((target) => [
        ['plan', target],
        ['why', target],
        ['plan', '--force', target],
      ]),
    ],
  );
});

test('odd places', async () => {
  const places = ['file', 'file/x', '/proc/x', '/dev/null', LONG];
  await requireCodes(
    [EXIT.store],
    [
      ...places.flatMap((place) => [
        ['export', place],
        ['runs', 'export', 'latest', place],
        ['run', 'load', '--store', place],
      ]),
      ...['folder', 'file/x', '/proc/x', 'no/such/plan.json'].map((file) => ['plan', '-o', file]),
      ...['file/x.ts', '/proc/x.ts', `${LONG}.ts`].map((file) => ['init', file]),
      ['status', '--store', 'file'],
      ['show', 'cells', '--store', 'file'],
    ],
  );
  await requireCodes(
    [EXIT.badInput],
    [
      ...['', '\0'].map((place) => ['export', place]),
      ...['', 'pipeline.config.ts', 'folder', 'x.yaml', '\0.ts'].map((file) => ['init', file]),
      ...['no.h5ad', 'folder', 'file', '', '/dev/null', '\0'].map((file) => ['inspect', file]),
      ...['no.h5ad', 'folder', 'file', ''].map((file) => ['init', 'new.ts', '--from', file]),
      ['runs', 'export', 'latest', 'full'],
      ['gc', '--store', 'full'],
      ['verify', '--store', 'nowhere'],
    ],
  );
});

test('damaged plans', async () => {
  await requireCodes([EXIT.done], [['plan', '-o', 'plan.json']]);
  const text = readFileSync('plan.json', 'utf8');
  const changed = (change: (plan: Record<string, unknown>) => void) => {
    const plan = JSON.parse(text);
    change(plan);
    return JSON.stringify(plan);
  };
  const plans = [
    '',
    'null',
    '[]',
    '7',
    'x',
    text.slice(0, 300),
    changed((plan) => delete plan.options),
    changed((plan) => Object.assign(plan, { options: null })),
    changed((plan) => Object.assign(plan, { options: { targets: 7 } })),
    changed((plan) => Object.assign(plan, { targets: null })),
    changed((plan) => Object.assign(plan, { targets: { load: null } })),
    changed((plan) => Object.assign(plan, { version: 'x' })),
    text.replace('"state": "', '"state": "x'),
  ];
  for (const plan of plans) {
    writeFileSync('odd.json', plan);
    await requireCodes([EXIT.badInput], [['run', '--plan', 'odd.json']]);
  }
  await requireCodes(
    [EXIT.badInput],
    ['', 'folder', 'no.json', '\0'].map((file) => ['run', '--plan', file]),
  );
  writeFileSync('again.json', JSON.stringify(JSON.parse(text)));
  await requireCodes([EXIT.done], [['run', '--dry-run', '--plan', 'again.json']]);
});

test('what a config does to the program is told as its doing', async (t) => {
  const project = new Project(t, 'toy', {
    'exit.ts': 'process.exit(0)',
    'never.ts': 'await new Promise(() => {}); export default {}',
    'late.ts': 'setTimeout(() => { throw new Error("mine") }); export default {}',
    'unseen.ts': 'Promise.reject(new Error("mine")); export default {}',
    'prints.ts': 'console.log("of mine"); setTimeout(() => console.log("later")); export default {}',
  });
  for (const [file, said] of [
    ['exit.ts', /^error: exit\.ts ended the program with process\.exit\(0\)/],
    ['never.ts', /^error: never\.ts waits for something that never comes/],
    ['late.ts', /^error: late\.ts failed after it was read: mine\n {2}where: late\.ts:1:26\n/],
    ['unseen.ts', /^error: unseen\.ts failed after it was read: mine\n/],
  ] as const) {
    const { code, stderr } = await project.run('status', '--config', file);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
  }
  const { stdout, stderr } = await project.run('status', '--json', '--config', 'prints.ts');
  assert.equal(JSON.parse(stdout).length, 3);
  assert.match(stderr, /^of mine\n/);
});

test('a store that is removed under a run is told as removed', async (t) => {
  const config = 'export default { scale: { double: { by: 2, waitMs: 600 } } };\n';
  const project = new Project(t, 'toy', { 'pipeline.config.ts': config });
  const running = project.start('run');
  await running.shows('▶ scale');
  await new Promise((done) => setTimeout(done, 200));
  rmSync(join(project.dir, 'artifacts'), { recursive: true, force: true });
  const { code, stderr } = await running.result;
  assert.equal(code, 5, stderr);
  assert.match(stderr, /error: the store was removed while the run was at work: /);
  assert.doesNotMatch(stderr, /bug in rankloom/);
});
