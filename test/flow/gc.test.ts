/** What goes by age, by size and by name. That nothing in use goes: store.test.ts. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gc, verify } from '../../lib/flow/index.ts';
import { ToyProject } from './toy-project.ts';

/** Four runs, of which the first is a month old and the others are of now. */
async function withHistory(
  body: (toys: ToyProject, runs: string[], home: string) => Promise<void>,
): Promise<void> {
  const toys = await ToyProject.create();
  const home = join(toys.dir, 'artifacts');
  try {
    for (const times of [1, 2, 3, 4]) {
      toys.config.maps.one.times = times;
      await toys.run();
      if (times > 1) continue;
      const month = Date.now() / 1000 - 31 * 24 * 3600;
      for (const part of ['runs', 'actions']) {
        for (const name of readdirSync(join(home, part), { recursive: true, encoding: 'utf8' })) {
          utimesSync(join(home, part, name), month, month);
        }
      }
    }
    await body(toys, readdirSync(join(home, 'runs')).sort(), home);
    assert.deepEqual((await verify(toys.store)).damage, []);
    assert.deepEqual((await toys.run()).actionsRun, [], 'what is in use is there');
  } finally {
    toys.remove();
  }
}

test('by age: only what is older goes, runs and records', () =>
  withHistory(async (toys, runs) => {
    const none = await gc(toys.store, { keepRuns: 0, keepDays: 40, keepRunDays: 40, dryRun: true });
    assert.deepEqual([none.runs, none.records, none.objects], [[], 0, 0]);
    const done = await gc(toys.store, { keepRuns: 0, keepDays: 30, keepRunDays: 30 });
    assert.deepEqual(done.runs, runs.slice(0, 1));
    assert.ok(done.records > 0 && done.objects > 0 && done.bytes > 0);
  }));

test('by name: a run that is to be kept stays, with all that it shows', () =>
  withHistory(async (toys, runs) => {
    const done = await gc(toys.store, { keepRuns: 0, keepDays: 0, keep: [runs[1]] });
    assert.deepEqual(done.runs, [runs[0], runs[2]]);
    toys.config.maps.one.times = 2;
    assert.deepEqual((await toys.run()).actionsRun, []);
    toys.config.maps.one.times = 4;
  }));

test('by size: the oldest go until the rest fits, but never what is in use', () =>
  withHistory(async (toys, runs) => {
    const all = await gc(toys.store, { keepRuns: 9, keepDays: 99, dryRun: true });
    const maxBytes = all.keptBytes - 1;
    const some = await gc(toys.store, { keepRuns: 9, keepDays: 99, maxBytes, dryRun: true });
    assert.ok(some.keptBytes <= maxBytes && some.overBytes === 0);
    assert.ok(some.objects > 0 && some.objects < all.keptObjects);
    const least = await gc(toys.store, { keepRuns: 9, keepDays: 99, maxBytes: 1 });
    assert.deepEqual(least.runs, runs.slice(0, 3), 'all but the latest');
    assert.equal(least.overBytes, least.keptBytes - 1);
  }));

test('records of another version keep what they may name, as long as they are young', () =>
  withHistory(async (toys, _, home) => {
    const [shard] = readdirSync(join(home, 'objects'));
    const [hash] = readdirSync(join(home, 'objects', shard));
    const key = 'ab'.repeat(32);
    const record = { schema: 99, key, results: [hash] };
    mkdirSync(join(home, 'actions', 'ab'), { recursive: true });
    writeFileSync(join(home, 'actions', 'ab', `${key}.json`), JSON.stringify(record));
    await gc(toys.store, { keepRuns: 0, keepDays: 1 });
    assert.ok(readdirSync(join(home, 'objects', shard)).includes(hash));
    assert.ok(readdirSync(join(home, 'actions', 'ab')).includes(`${key}.json`));
  }));

test('texts of code go with the last record that names them, if they are as old', async () => {
  const toys = await ToyProject.create();
  const folder = join(toys.dir, 'artifacts', 'cache', 'code');
  const texts = () =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('/'));
  try {
    await toys.run();
    await gc(toys.store, { keepDays: 0 });
    const first = texts();
    toys.edit('helpers.ts', 'x * x', 'x * x * x');
    await toys.run();
    const second = texts().filter((name) => !first.includes(name));
    assert.ok(second.length > 0);
    const dropped = { keepRuns: 0, keepDays: 0 };

    const kept = await gc(toys.store, { keepRuns: 2, keepDays: 0 });
    assert.equal(kept.texts, 0, 'a kept run names them');
    assert.equal((await gc(toys.store, { keepRuns: 0, keepDays: 1 })).texts, 0, 'they are young');
    const planned = await gc(toys.store, { ...dropped, dryRun: true });
    assert.equal(planned.texts, 1, 'the helper as it was');
    assert.equal(texts().length, first.length + second.length, 'a dry run removes nothing');

    assert.deepEqual(await gc(toys.store, dropped), planned);
    const left = texts();
    assert.equal(left.length, first.length + second.length - 1);
    assert.ok(second.every((name) => left.includes(name)));
    assert.equal((await gc(toys.store, dropped)).texts, 0);
    toys.edit('helpers.ts', 'x * x * x', 'x * x');
    await toys.run();
    assert.ok(
      first.every((name) => texts().includes(name)),
      'code that is back is kept again',
    );
  } finally {
    toys.remove();
  }
});
