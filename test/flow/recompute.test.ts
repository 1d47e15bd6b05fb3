import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { firstDifference } from '../../lib/data/results/difference.ts';
import { recompute } from '../../lib/flow/maintenance/recompute.ts';
import { ToyProject } from './toy-project.ts';

const options = { fraction: 1, seed: 1, workers: 2, compare: firstDifference };

test('what the stages make again is what the store has', async () => {
  const toys = await ToyProject.create();
  await toys.run();
  const before = readdirSync(join(toys.dir, 'artifacts'), { recursive: true }).sort();
  const result = await recompute(toys.graph(), toys.store, options);
  assert.deepEqual(result.made, ['numbers', 'map[one]', 'map[two]', 'total']);
  assert.deepEqual(
    [result.differences, result.failed, result.notThere, result.notCompared],
    [[], [], [], []],
  );
  const after = readdirSync(join(toys.dir, 'artifacts'), { recursive: true }).sort();
  assert.deepEqual(after, before, 'nothing is left, nothing is gone');
  assert.deepEqual((await toys.run()).actionsRun, []);
  const some = await recompute(toys.graph(), toys.store, { ...options, fraction: 0.5 });
  assert.equal(some.made.length, 2);
  toys.remove();
});

test('a stage that does not always make the same is named, with its target, and no other', async (t) => {
  // What a stage asks of its process is no part of its key.
  const { title } = process;
  t.after(() => {
    process.title = title;
  });
  process.title = '1';
  const toys = await ToyProject.create([
    ['map.ts', '* params.times)', '* params.times + Number(process.title))'],
  ]);
  await toys.run();
  process.title = '2';
  const { differences } = await recompute(toys.graph(), toys.store, options);
  assert.deepEqual(
    differences.map(({ output, detail }) => [output, detail]),
    [
      ['map[one].list', 'byte 1'],
      ['map[two].list', 'byte 2'],
    ],
  );
  toys.remove();
});

test('targets that are not up to date are not compared', async () => {
  const toys = await ToyProject.create();
  await toys.run();
  toys.config.maps.two.times = 9;
  const { made, notThere, notCompared } = await recompute(toys.graph(), toys.store, options);
  assert.deepEqual(made, ['numbers', 'map[one]']);
  assert.deepEqual(notThere, ['map[two]', 'total']);
  assert.deepEqual(notCompared, [
    { target: 'map[two]', why: 'not up to date (stale: times: 2 → 9)' },
    { target: 'total', why: 'not up to date (unknown: depends on the output of map[two])' },
  ]);
  const drawn = await recompute(toys.graph(), toys.store, { ...options, fraction: 0.5 });
  assert.deepEqual([drawn.made.length, drawn.notCompared], [1, []], 'a share is one of what is up to date');
  toys.remove();
});
