/** What a store says of runs, folders and plans is checked when it is read: what is damaged is told by name. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { App } from '../../lib/cli/app.ts';
import { exportRun } from '../../lib/cli/commands/runs-export.ts';
import { askedRun } from '../../lib/cli/session/outputs.ts';
import { buildGraph, findRecord, gc, listRuns, openStore, run, verify } from '../../lib/flow/index.ts';
import { readListing } from '../../lib/flow/runs/run-files.ts';
import { FolderProject } from './folder-project.ts';
import { ToyProject } from './toy-project.ts';

const damages: Record<string, (text: string) => string> = {
  'cut off': (text) => text.slice(0, text.length / 2),
  empty: () => '',
  'a list': () => '[]',
  null: () => 'null',
  'without targets': (text) => JSON.stringify({ ...JSON.parse(text), targets: null }),
  'with a target of another type': (text) => JSON.stringify({ ...JSON.parse(text), targets: { total: 7 } }),
  'with a key that is none': (text) => text.replace(/"key": "[0-9a-f]{64}"/, '"key": "../../../etc"'),
  'with outputs of another type': (text) =>
    JSON.stringify({ ...JSON.parse(text), published: { 'a.json': 'x' } }),
  'with failures of another type': (text) => JSON.stringify({ ...JSON.parse(text), failed: [null] }),
};

test('the record of a run that is damaged is told by name, and is no root of less than it was', async (t) => {
  const toys = await ToyProject.create();
  t.after(() => toys.remove());
  await toys.run();
  const home = join(toys.dir, 'artifacts');
  const [id] = readdirSync(join(home, 'runs'));
  const file = join(home, 'runs', id, 'manifest.json');
  const text = readFileSync(file, 'utf8');
  const planned = () => gc(toys.store, { keepDays: 0, keepRuns: 5, dryRun: true });
  const before = await planned();
  for (const [name, damage] of Object.entries(damages)) {
    writeFileSync(file, damage(text)); // latest/run.json is the same file
    const [entry] = listRuns(toys.store);
    assert.equal(entry.manifest, undefined, name);
    assert.equal(typeof entry.damage, 'string', name);
    assert.throws(() => findRecord(toys.store, id), /the record of run \w+ is damaged/, name);
    assert.throws(
      () => askedRun({ store: toys.store }),
      (e: Error & { where?: string }) => /damaged/.test(e.message) && e.where!.endsWith('run.json'),
    );
    const found = await verify(toys.store, { dryRun: true });
    assert.deepEqual(
      found.damage.map(({ kind }) => kind),
      ['manifest'],
      name,
    );
    assert.deepEqual(await planned(), before, name);
  }
  await verify(toys.store);
  assert.ok(!existsSync(file), 'it is in quarantine');
  assert.equal((await toys.run()).outcome, 'done');
  assert.ok(Object.keys(askedRun({ store: toys.store }).shown.published).length > 0, 'and published anew');
});

test('the list of a folder that is damaged is told by name', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'rankloom-list-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'list');
  const hash = 'a'.repeat(64);
  const lists = [
    '',
    '{}',
    '[1]',
    '[{"name":"a"}]',
    `[{"name":"../a","hash":"${hash}","bytes":1}]`,
    `[{"name":"/a","hash":"${hash}","bytes":1}]`,
  ];
  for (const text of lists) {
    writeFileSync(path, text);
    assert.throws(
      () => readListing(path),
      (e: Error & { kind?: string; where?: string }) => e.kind === 'data' && e.where === path,
    );
  }
  writeFileSync(path, `[{"name":"a/b","hash":"${hash}","bytes":1}]`);
  assert.deepEqual(readListing(path), [{ name: 'a/b', hash, bytes: 1 }]);
});

test('a run that did not select a folder exports its files under their names', async (t) => {
  const project = new FolderProject(
    `fs.mkdirSync(join(dir, 'sub')); fs.writeFileSync(join(dir, 'sub', 'a'), 'A'); fs.writeFileSync(join(dir, 'b'), 'B');`,
  );
  t.after(() => project.remove());
  await project.run();
  rmSync(join(project.home, 'latest', 'file.txt'));
  const { outcome } = await project.run({ targets: new Set() });
  assert.equal(outcome, 'done');
  const { run: id } = findRecord(project.store, 'latest');
  const file = join(project.home, 'runs', id, 'manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...manifest, targets: {} }));
  const to = join(project.dir, 'exported');
  const options = { store: project.home, json: false, quiet: true, debug: false, set: [] };
  await exportRun(undefined as unknown as App, id, to, options);
  assert.deepEqual(readdirSync(to, { recursive: true }).sort(), [
    'dir',
    'dir/b',
    'dir/sub',
    'dir/sub/a',
    'file.txt',
  ]);
  assert.equal(readFileSync(join(to, 'dir', 'sub', 'a'), 'utf8'), 'A');

  const { hash } = findRecord(project.store, 'latest').published!.dir;
  const list = project.store.objectPath(hash);
  chmodSync(list, 0o644);
  writeFileSync(list, '[');
  await assert.rejects(
    exportRun(undefined as unknown as App, id, `${to}2`, options),
    /list of a folder's files/,
  );
});

test('what a store remembers of targets may be damaged or another target’s without harm', async (t) => {
  const toys = await ToyProject.create();
  t.after(() => toys.remove());
  await toys.run();
  const folder = join(toys.dir, 'artifacts', 'targets');
  for (const text of [
    '',
    'null',
    '{"target":"total"}',
    '{"target":"total","key":7}',
    '{"target":"total","key":"x","recent":7}',
    '{"target":"other"}',
  ]) {
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), text);
    const { outcome, ran } = await toys.run();
    assert.deepEqual([outcome, ran], ['done', 0], text);
  }
  const cache = join(toys.dir, 'artifacts', 'cache', 'shown.json');
  for (const text of ['', 'null', '[]', '{"latest":7}']) {
    writeFileSync(cache, text);
    assert.equal(
      (
        await run(
          buildGraph(toys.stages, toys.config, { seed: 0, root: toys.dir }),
          openStore(join(toys.dir, 'artifacts')),
          { workers: 1, onEvent: () => {} },
        )
      ).outcome,
      'done',
    );
  }
});
