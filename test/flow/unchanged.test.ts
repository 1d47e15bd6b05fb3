/** While a run reads files, their bytes decide whether they changed, not their stat. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { StatCache } from '../../lib/flow/keys/stat-cache.ts';
import { ToyProject } from './toy-project.ts';

/** What happens to a file while a run reads it → whether what was made of it stays. */
const happens: Record<string, { harm: (path: string) => void; stays: boolean }> = {
  'a hard link is made': { harm: (path) => linkSync(path, `${path}.snapshot`), stays: true },
  'its mode changes': { harm: (path) => chmodSync(path, 0o664), stays: true },
  'it is touched': { harm: (path) => utimesSync(path, new Date(), new Date()), stays: true },
  'it gets an old time': { harm: (path) => utimesSync(path, 1, 1), stays: true },
  'an equal copy takes its place': {
    harm: (path) => {
      copyFileSync(path, `${path}.new`);
      renameSync(`${path}.new`, path);
    },
    stays: true,
  },
  'it is written again with the same bytes': { harm: (path) => writeFileSync(path, '10'), stays: true },
  'it gets other bytes of the same size': { harm: (path) => writeFileSync(path, '11'), stays: false },
  'other bytes of the same size and time take its place': {
    harm: (path) => {
      const { atime, mtime } = statSync(path);
      writeFileSync(`${path}.new`, '12');
      utimesSync(`${path}.new`, atime, mtime);
      renameSync(`${path}.new`, path);
    },
    stays: false,
  },
  'it goes': { harm: (path) => rmSync(path), stays: false },
  'it becomes unreadable': { harm: (path) => chmodSync(path, 0o000), stays: process.getuid?.() === 0 },
};

for (const [name, { harm, stays }] of Object.entries(happens)) {
  test(`while a run reads a file, ${name}: what was made ${stays ? 'stays' : 'goes'}`, async (t) => {
    const toys = await ToyProject.create([
      ['numbers.ts', '// a comment in numbers', 'await new Promise((done) => setTimeout(done, 400));'],
    ]);
    t.after(() => toys.remove());
    const path = join(toys.dir, 'offset.txt');
    writeFileSync(path, '10');
    utimesSync(path, 1e9, 1e9);
    toys.config.file = path;
    const { outcome, failed } = await toys.run({
      patterns: ['numbers'],
      watch: (e) => {
        if (e.type === 'action-started') setTimeout(() => harm(path), 100);
      },
    });
    assert.equal(outcome, stays ? 'done' : 'failed', failed[0]?.error.message);
    if (!stays) assert.match(failed[0].error.message, /changed while numbers read it/);
    if (!stays) return;
    assert.deepEqual(
      (await toys.run({ patterns: ['numbers'] })).targetsRun,
      [],
      'and is taken the next time',
    );
  });
}

test('code that is touched, linked or copied over itself while it runs is the same code', async (t) => {
  const toys = await ToyProject.create([
    ['numbers.ts', '// a comment in numbers', 'await new Promise((done) => setTimeout(done, 400));'],
  ]);
  t.after(() => toys.remove());
  const path = join(toys.dir, 'numbers.ts');
  const { outcome } = await toys.run({
    patterns: ['numbers'],
    watch: (e) => {
      if (e.type !== 'action-started') return;
      linkSync(path, join(toys.dir, 'backup'));
      chmodSync(path, 0o600);
      copyFileSync(path, join(toys.dir, 'new'));
      renameSync(join(toys.dir, 'new'), path);
    },
  });
  assert.equal(outcome, 'done');
  assert.deepEqual((await toys.run({ patterns: ['numbers'] })).targetsRun, []);
});

test('a file that is hashed again for its stat is remembered by the new one', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'rankloom-stat-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'data');
  writeFileSync(path, 'abc');
  const stats = new StatCache(join(dir, 'cache.json'));
  const hash = await stats.hash(path);
  await new Promise((done) => setTimeout(done, 150));
  chmodSync(path, 0o600);
  await new Promise((done) => setTimeout(done, 150));
  assert.equal(await stats.isStill(path, hash), true);
  assert.equal(await stats.isStill(path, 'f'.repeat(64)), false, 'asked for other bytes');
  assert.equal(await stats.isStill(path, hash), true, 'which does not make it forget');
  writeFileSync(path, 'abd');
  assert.equal(await stats.isStill(path, hash), false);
  assert.equal(await stats.isStill(path, hash), false, 'also when it is asked once more');
});
