/** What the Makefile hands to the command: values whole, whatever signs they have, and only those of the command line. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { renamed } from '../../lib/study/renamed.ts';
import { blockCounts, writeH5ad } from '../helpers/h5ad.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});
const skip = spawnSync('make', ['--version']).status === 0 ? false : 'needs GNU make';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rankloom-make-'));
  folders.push(dir);
  for (const name of ['Makefile', 'lib', 'stages', 'package.json', 'pipeline.config.ts']) {
    symlinkSync(join(root, name), join(dir, name));
  }
  // An install that is up to date, so that no test asks a registry.
  mkdirSync(join(dir, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '.package-lock.json')
      symlinkSync(join(root, 'node_modules', name), join(dir, 'node_modules', name));
  }
  writeFileSync(join(dir, 'package-lock.json'), '{}');
  utimesSync(join(dir, 'package-lock.json'), 1, 1);
  writeFileSync(join(dir, 'node_modules/.package-lock.json'), '{}');
});

function make(args: string[], env: NodeJS.ProcessEnv = {}) {
  // Kernels are taken as they are: to build them is another test's.
  const old = readdirSync(join(root, 'lib/kernels')).filter((name) => name.endsWith('.wasm'));
  const { MAKEFLAGS, MAKELEVEL, MFLAGS, ...own } = process.env;
  const { status, stdout, stderr } = spawnSync(
    'make',
    [...args, ...old.flatMap((name) => ['-o', `lib/kernels/${name}`])],
    {
      cwd: dir,
      encoding: 'utf8',
      env: { ...own, ...env },
    },
  );
  return { status, stdout, stderr };
}

const { rows, labels } = blockCounts(2, 30, 12);
const atlas = (path: string, more: object = {}) =>
  writeH5ad(path, { x: rows, obs: { cell_type: labels, batch: labels.map((_, i) => `b${i % 2}`) }, ...more });

test('data of any name get a config of that name, and are planned by it', { skip }, async () => {
  const names = [
    `it's $HOME #1  (a,b)"
and a line.h5ad`,
    '-$(shell touch run)`touch run`;touch run&.h5ad',
  ];
  for (const name of names) {
    const path = join(dir, 'data', name);
    mkdirSync(join(dir, 'data'), { recursive: true });
    await atlas(path);
    const { status, stdout, stderr } = make(['plan', `DATA=${path}`]);
    assert.equal(status, 0, `${name}: ${stderr}`);
    assert.match(stdout, /^run {2}load/m);
    assert.match(stderr, /label: cell_type\. Named like cell types/);
    assert.ok(existsSync(join(dir, name.replace('.h5ad', '.config.ts'))), name);
    assert.ok(!existsSync(join(dir, 'run')), 'nothing in a name is run');
  }
});

test('values of the environment are no values of the command line', { skip }, async () => {
  const path = await atlas(join(dir, 'own.h5ad'));
  const env = {
    DATA: '/nowhere.h5ad',
    CONFIG: '/nowhere.ts',
    LABEL: 'batch',
    BATCH: 'none',
    SET: 'seed=x',
    OPTIONS: '--no',
    WORKERS: 'x',
    ENCODINGS: 'x',
  };
  const { status, stderr } = make(['plan', `DATA=${path}`], env);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /label: cell_type/);
});

test('another file of the same name does not get the config of the first', { skip }, async () => {
  for (const folder of ['a', 'b']) mkdirSync(join(dir, folder));
  const [a, b] = [await atlas(join(dir, 'a/x.h5ad')), await atlas(join(dir, 'b/x.h5ad'))];
  assert.equal(make(['plan', `DATA=${a}`]).status, 0);
  const { status, stderr } = make(['plan', `DATA=${b}`]);
  assert.notEqual(status, 0);
  assert.match(
    stderr,
    /x\.config\.ts is the config of other data than .*b\/x\.h5ad[\s\S]*this one reads .*a\/x\.h5ad/,
  );
  assert.equal(
    make(['plan', `DATA=${b}`, 'CONFIG=x.config.ts']).status,
    0,
    'a config that is named is meant',
  );
  symlinkSync(a, join(dir, 'x.h5ad'));
  assert.equal(make(['plan', 'DATA=x.h5ad']).status, 0, 'the same file by another way');
  const { stderr: own } = make(['plan', `DATA=${await atlas(join(dir, 'pipeline.h5ad'))}`]);
  assert.match(own, /pipeline\.config\.ts is the config of other data[\s\S]*reads no file/);
});

test('SET, OPTIONS and LABEL reach the command as they are', { skip }, async () => {
  const path = await atlas(join(dir, 'x.h5ad'));
  const { status, stdout, stderr } = make([
    'plan',
    `DATA=${path}`,
    'LABEL=batch',
    'SET=joint=[] seed=7',
    "OPTIONS=--set 'report.title=a b' --json",
  ]);
  assert.equal(status, 0, stderr);
  assert.ok(stdout.includes('"'), 'JSON');
  assert.match(stderr, /label: batch\. As it was asked for/);
  const { stderr: wrong } = make(['plan', `DATA=${path}`, 'SET=seed=[*]']);
  assert.match(wrong, /seed/);
});

test('a file without a column that is named like cell types is refused, and no config is written', {
  skip,
}, async () => {
  const path = await atlas(join(dir, 'x.h5ad'), { obs: { batch: labels } });
  const { status, stderr } = make(['all', `DATA=${path}`]);
  assert.notEqual(status, 0);
  assert.match(stderr, /which column of obs holds the cell types cannot be told[\s\S]*batch \(2\)/);
  assert.ok(!existsSync(join(dir, 'x.config.ts')));
});

test('every stage has a target, and the name of another target or of an old stage reaches rankloom', {
  skip,
}, () => {
  writeFileSync(join(dir, 'pipeline.config.json'), '{ "subset": { "cellsPerType": 20 } }');
  const config = 'CONFIG=pipeline.config.json';
  for (const [old, now] of Object.entries(renamed.stages)) {
    const { status, stderr } = make([old, config]);
    assert.equal(status, 2, stderr);
    assert.match(stderr, new RegExp(`"${old}" is the old name of a stage, which is now called "${now}"`));
  }
  assert.match(make(['encode[rnk]', config]).stderr, /unknown target "encode\[rnk\]"[\s\S]*"encode\[rank\]"/);
  assert.match(make(["it's"]).stderr, /unknown target "it's"/);
  assert.match(make(['no/such.file']).stderr, /no rule to make no\/such\.file/);
  const off = make(['perturb', config]);
  assert.equal(off.status, 2);
  assert.match(off.stderr, /^error: perturb is off: add perturb: \{\} to the config$/m);
  const none = make(['joint', config, 'SET=joint=[]']);
  assert.match(none.stderr, /^error: joint is off: joint is empty in the config$/m);
});

test('why, show and runs take what is in OPTIONS', { skip }, () => {
  const why = make(['why', 'OPTIONS=load --set seed=1']);
  assert.equal(why.status, 0, why.stderr);
  assert.match(why.stdout, /load/);
  assert.match(make(['why']).stderr, /make why OPTIONS=embed/);
  assert.match(make(['show']).stderr, /make show OPTIONS=separation/);
  assert.match(make(['show', 'OPTIONS=separation --rows 3']).stderr, /no outputs of the study/);
  assert.match(make(['runs']).stderr, /there is no store/);
});

test('inspect without data says so', { skip }, () => {
  assert.match(make(['inspect']).stderr, /inspect needs a file/);
});
