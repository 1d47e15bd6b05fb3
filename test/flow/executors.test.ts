import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { recordReads } from '../../lib/flow/graph/config-reads.ts';
import { executors } from '../../lib/flow/workers/executors.ts';
import type { Task } from '../../lib/flow/workers/task.ts';
import { fileExecutor } from './file-executor.ts';
import { ToyProject, withToys } from './toy-project.ts';

test('an executor that is one file runs a pipeline, and gives the bytes that threads and processes give', async () => {
  await withToys(async (toys) => {
    const own = await toys.run({ executor: executors.thread });
    assert.equal(own.outcome, 'done');
    const bytes = toys.hashes();
    for (const kind of ['file', 'process'] as const) {
      const copy = await toys.cleanCopy();
      try {
        const folder = join(copy.dir, 'tasks');
        mkdirSync(folder);
        const executor = kind === 'file' ? fileExecutor(folder) : executors.process;
        const result = await copy.run({ executor });
        assert.equal(result.outcome, 'done');
        assert.deepEqual(copy.hashes(), bytes);
        assert.deepEqual(result.actionsRun.toSorted(), own.actionsRun.toSorted());
        if (kind === 'process') continue;
        assert.equal(readdirSync(folder).length, result.actionsRun.length);
        assert.ok(result.events.some(({ type }) => type === 'action-progress'));
        const again = await copy.run({ executor, force: new Set(['total']) });
        assert.deepEqual([again.ran, again.nondeterministic], [1, []]);
      } finally {
        copy.remove();
      }
    }
  });
});

test('an error of a stage comes through any executor as it is, with its place', async () => {
  await withToys(async (toys) => {
    toys.edit(
      'map.ts',
      'progress(piece.length',
      "if (start === 10) throw new TypeError('ten');\n progress(piece.length",
    );
    const folder = join(toys.dir, 'tasks');
    mkdirSync(folder);
    const { failed } = await toys.run({ executor: fileExecutor(folder), keepGoing: true });
    assert.deepEqual(
      // Whichever of the two processes ends first.
      failed.map(({ target, error: { kind, message } }) => [target, kind, message]).sort(),
      [
        ['map[one]', 'code', 'TypeError: ten'],
        ['map[two]', 'code', 'TypeError: ten'],
      ],
    );
    assert.match(failed[0].error.where!, /map\.ts:\d+:\d+$/);
  });
});

const THREADS = '/proc/self/task';
test('actions that begin at once share one pool, and a run leaves no thread behind', {
  skip: !existsSync(THREADS) && 'threads cannot be counted here',
}, async () => {
  await withToys(async (toys) => {
    await toys.run({ workers: 3 }); // threads of the process itself have started
    const before = readdirSync(THREADS).length;
    for (let i = 0; i < 3; i++) await toys.run({ workers: 3, force: new Set(['map[one]', 'map[two]']) });
    const after = readdirSync(THREADS).length;
    assert.ok(after <= before, `${before} threads before, ${after} after three more runs`);
  });
});

test('a task holds nothing of the config but what `inputs` read of it', async () => {
  await withToys(async (toys) => {
    const folder = join(toys.dir, 'tasks');
    mkdirSync(folder);
    await toys.run({ executor: fileExecutor(folder) });
    const tasks = readdirSync(folder).map(
      (name) => JSON.parse(readFileSync(join(folder, name, 'task.json'), 'utf8')) as Task,
    );
    const wiring = new Map(tasks.map(({ target, wiring }) => [target, wiring]));
    // `numbers` asks whether there is a file; `total` goes through the names of `maps`, and never looks at their values.
    assert.deepEqual(Object.fromEntries(wiring), {
      numbers: {},
      'map[one]': {},
      'map[two]': {},
      total: { maps: { one: {}, two: {} } },
    });
    for (const task of tasks) assert.ok(!('config' in task));
  });
});

test('a stage cannot read at run time what its `inputs` was given', async () => {
  const toys = await ToyProject.create([
    ['total.ts', 'export default', 'let seen: any;\n    export default'],
    ['total.ts', 'inputs: (config: any) => ({', 'inputs: (config: any) => ({ ...((seen = config), {}),'],
    [
      'total.ts',
      'const list =',
      "if (seen !== undefined) throw new Error('the config is here');\n const list =",
    ],
  ]);
  try {
    for (const executor of [executors.thread, executors.process]) {
      const result = await toys.run({ executor, force: new Set(['total']) });
      assert.deepEqual(result.failed, []);
      assert.equal(result.outcome, 'done');
    }
  } finally {
    toys.remove();
  }
});

test('an excerpt of a config holds what was read, and gives the same again', () => {
  const config = Object.freeze({
    secret: 'x',
    list: Object.freeze([
      { name: 'a', size: 1 },
      { name: 'b', size: 2 },
    ]),
    maps: { one: { times: 1 }, two: { times: 2 } },
    nothing: null,
    flag: false,
  });
  type Config = typeof config;
  const cases: [(config: Config) => unknown, unknown][] = [
    [() => 1, {}],
    [(c) => c.list.map(({ name }) => name), { list: [{ name: 'a' }, { name: 'b' }] }],
    [(c) => [...c.list].length, { list: [{}, {}] }],
    [(c) => c.list.length, { list: new Array(2) }],
    [(c) => Object.keys(c.maps), { maps: { one: {}, two: {} } }],
    [(c) => Object.entries(c.maps).map(([name, { times }]) => [name, times]), { maps: config.maps }],
    [(c) => ({ ...c.maps.one }), { maps: { one: { times: 1 } } }],
    [(c) => 'secret' in c, { secret: 'x' }],
    [(c) => Object.hasOwn(c, 'flag') && 'absent' in c, { flag: false }],
    [(c) => [c.nothing, c.flag, (c as { absent?: 1 }).absent], { nothing: null, flag: false }],
    [(c) => JSON.stringify(c.list), { list: config.list }],
    [(c) => Array.isArray(c.list) && Object.getPrototypeOf(c.list) === Array.prototype, { list: [] }],
  ];
  for (const [evaluate, expected] of cases) {
    const { value, excerpt } = recordReads(config, evaluate);
    assert.deepEqual(value, evaluate(config), String(evaluate));
    assert.deepEqual(excerpt, expected, String(evaluate));
    assert.deepEqual(evaluate(excerpt as Config), value, String(evaluate));
  }
});

test('a function that needs the config itself gets it, and its errors are its own', () => {
  const config = { list: [1, 2] };
  const cloned = recordReads(config, (c) => structuredClone(c));
  assert.deepEqual(cloned, { value: config, excerpt: config });
  const broken = (c: typeof config) => {
    throw new RangeError(`of ${c.list.length}`);
  };
  assert.throws(() => recordReads(config, broken), /RangeError: of 2/);
});
