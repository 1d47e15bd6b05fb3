import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Cause } from '../../lib/flow/index.ts';
import { ToyProject } from './toy-project.ts';

const everything = ['numbers', 'map[one]', 'map[two]', 'total'];

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

async function withToys(body: (toys: ToyProject) => Promise<void>): Promise<void> {
  const toys = await ToyProject.create();
  try {
    await body(toys);
  } finally {
    toys.remove();
  }
}

test('a first run makes everything, a second nothing', () =>
  withToys(async (toys) => {
    const first = await toys.run();
    assert.equal(first.outcome, 'done', JSON.stringify(first.failed));
    assert.deepEqual(first.targetsRun, everything);
    assert.deepEqual(
      toys.latest('numbers.json'),
      Array.from({ length: 25 }, (_, i) => i),
    );
    assert.deepEqual(
      toys.latest('maps/one.json'),
      Array.from({ length: 25 }, (_, i) => i * i),
    );
    const second = await toys.run();
    assert.deepEqual(second.actionsRun, []);
    assert.equal(second.cached, 4);
    assert.deepEqual(await toys.states(), {
      numbers: 'fresh',
      'map[one]': 'fresh',
      'map[two]': 'fresh',
      total: 'fresh',
    });
  }));

test('one worker and three give the same bytes', () =>
  withToys(async (toys) => {
    await toys.run({ workers: 1 });
    const copy = await toys.cleanCopy();
    await copy.run({ workers: 3 });
    assert.deepEqual(copy.hashes(), toys.hashes());
    copy.remove();
  }));

test('a param reruns its instance and what depends on it; going back is a hit', () =>
  withToys(async (toys) => {
    await toys.run();
    const before = toys.hashes();
    toys.config.maps.one.times = 3;
    const decision = await toys.decision('map[one]');
    assert.deepEqual(decision.causes, [{ kind: 'param', path: 'times', old: 1, new: 3 }]);
    const { root } = await toys.decision('total');
    assert.deepEqual([root?.target, root?.causes], ['map[one]', decision.causes]);
    assert.equal((await toys.decision('total')).state, 'unknown');
    assert.deepEqual((await toys.run()).targetsRun, ['map[one]', 'total']);
    assert.notDeepEqual(toys.hashes(), before);
    toys.config.maps.one.times = 1;
    assert.deepEqual((await toys.states())['map[one]'], 'cached');
    assert.deepEqual((await toys.run()).actionsRun, []);
    assert.deepEqual(toys.hashes(), before);
  }));

test('renaming an instance, or another with the same params, computes nothing new', () =>
  withToys(async (toys) => {
    await toys.run();
    toys.config.maps = { eins: { times: 1 }, two: { times: 2, noise: true } };
    assert.deepEqual((await toys.run()).actionsRun, []);
    toys.config.maps = { a: { times: 5 }, b: { times: 5 } };
    const { actionsRun } = await toys.run();
    assert.equal(actionsRun.filter((a) => a.includes('/merge')).length, 1, actionsRun.join());
  }));

test('the wave stops where the bytes come out the same (early cutoff)', () =>
  withToys(async (toys) => {
    toys.write('offset.txt', '7');
    toys.config.file = 'offset.txt';
    await toys.run();
    toys.write('offset.txt', '7.0');
    const decision = await toys.decision('numbers');
    const [{ old, new: now, ...cause }] = decision.causes as (Cause & { kind: 'input' })[];
    assert.deepEqual(cause, {
      kind: 'input',
      slot: 'file',
      from: join(toys.dir, 'offset.txt'),
      external: true,
    });
    assert.deepEqual([old, now], ['7', '7.0'].map(sha256));
    assert.equal((await toys.decision('map[one]')).state, 'unknown');
    const { targetsRun, events } = await toys.run();
    assert.deepEqual(targetsRun, ['numbers']);
    const finished = events.find((e) => e.type === 'target-finished');
    assert.equal(finished?.type === 'target-finished' && finished.unchanged, true);
  }));

test('a comment or an unused helper changes nothing; a used helper changes just its users', () =>
  withToys(async (toys) => {
    await toys.run();
    toys.edit('numbers.ts', 'a comment in numbers', 'another comment');
    toys.edit('helpers.ts', 'x - 1', 'x - 2');
    assert.deepEqual((await toys.run()).actionsRun, []);
    toys.edit('helpers.ts', 'x * x', 'x ** 2');
    const decision = await toys.decision('map[one]');
    assert.deepEqual(decision.causes, [{ kind: 'code', changed: ['helpers.ts'], added: [], removed: [] }]);
    // map runs again, gives the same bytes, and total, which uses another helper of that file, does not.
    assert.deepEqual((await toys.run()).targetsRun, ['map[one]', 'map[two]']);
  }));

test('the code of a team counts as code of its stage', () =>
  withToys(async (toys) => {
    await toys.run();
    const before = toys.latest('total.json');
    toys.edit('team.ts', 'let own = 0', 'let own = index === 0 ? 1 : 0');
    assert.deepEqual((await toys.decision('total')).causes, [
      { kind: 'code', changed: ['team.ts'], added: [], removed: [] },
    ]);
    assert.deepEqual((await toys.run()).targetsRun, ['total']);
    assert.equal(toys.latest('total.json'), (before as number) + 1);
  }));

test('a team that fails fails its target, and the run goes on to say so', () =>
  withToys(async (toys) => {
    toys.edit('team.ts', 'let own = 0;', "let own = 0; if (index === 1) throw new Error('team says no');");
    const { failed, outcome } = await toys.run();
    assert.equal(outcome, 'failed');
    assert.deepEqual(
      failed.map((f) => [f.target, f.error.message]),
      [['total', 'team says no']],
    );
  }));

test('the seed counts for stages that draw, and for no others', () =>
  withToys(async (toys) => {
    await toys.run();
    toys.seed = 1;
    assert.deepEqual((await toys.decision('map[two]')).causes, [{ kind: 'seed', old: 0, new: 1 }]);
    assert.deepEqual((await toys.run()).targetsRun, ['map[one]', 'map[two]', 'total']);
  }));

test('targets are selected with what they need', () =>
  withToys(async (toys) => {
    assert.deepEqual((await toys.run({ patterns: ['map[two]'] })).targetsRun, ['numbers', 'map[two]']);
    assert.deepEqual(Object.keys(toys.hashes()).sort(), ['maps/two.json', 'numbers.json']);
    assert.deepEqual((await toys.run({ patterns: ['map[two]+'] })).targetsRun, ['map[one]', 'total']);
    await assert.rejects(toys.run({ patterns: ['totl'] }), /unknown target "totl"/);
  }));

test('a run of some targets leaves latest to the last complete run', () =>
  withToys(async (toys) => {
    await toys.run();
    const before = toys.hashes();
    toys.config.count = 5;
    const { outputs } = await toys.run({ patterns: ['numbers'] });
    assert.deepEqual(toys.hashes(), before);
    assert.equal(outputs?.complete, false);
    assert.deepEqual(readdirSync(outputs!.folder).sort(), ['numbers.json', 'run.json']);
    const whole = await toys.run();
    assert.deepEqual([whole.outputs?.complete, existsSync(outputs!.folder)], [true, false]);
    assert.notDeepEqual(toys.hashes(), before);
  }));

test('a forced target runs again, and nothing else if its bytes are the same', () =>
  withToys(async (toys) => {
    await toys.run();
    assert.deepEqual((await toys.run({ force: new Set(['map[one]']) })).targetsRun, ['map[one]']);
  }));

test('only the parts that are missing run', () =>
  withToys(async (toys) => {
    await toys.run();
    toys.config.count = 35;
    const { actionsRun } = await toys.run();
    // The list is longer, so every part reads another list; a cached part needs equal inputs.
    assert.equal(actionsRun.filter((a) => a.startsWith('map[one]/from')).length, 4);
    rmSync(join(toys.dir, 'artifacts', 'targets'), { recursive: true });
    assert.deepEqual((await toys.run()).actionsRun, []);
  }));

test('a damaged, truncated or missing object is noticed and made again', () =>
  withToys(async (toys) => {
    await toys.run();
    const before = toys.hashes();
    const hash = before['maps/one.json'];
    const path = join(toys.dir, 'artifacts', 'objects', hash.slice(0, 2), hash);
    chmodSync(path, 0o644);
    truncateSync(path, 3);
    assert.equal((await toys.decision('map[one]')).causes[0].kind, 'damaged');
    const again = await toys.run();
    assert.deepEqual(again.targetsRun, ['map[one]']);
    assert.ok(again.events.some((e) => e.type === 'warning' && e.message.includes('damaged')));
    rmSync(path);
    assert.deepEqual((await toys.run()).targetsRun, ['map[one]']);
    assert.deepEqual(toys.hashes(), before);
  }));

test('a failure stops the run, blocks what depends on it, and leaves latest alone', () =>
  withToys(async (toys) => {
    await toys.run();
    const before = toys.hashes();
    toys.edit(
      'map.ts',
      'const list = await keep',
      "if (params?.times === 2) throw new Error('no'); const list = await keep",
    );
    toys.edit('map.ts', 'async plan({ inputs, keep })', 'async plan({ inputs, keep, params })');
    toys.config.maps.one.times = 9;
    const { outcome, failed, blocked } = await toys.run({ keepGoing: true });
    assert.equal(outcome, 'failed');
    assert.deepEqual(
      failed.map((f) => [f.target, f.error.message]),
      [['map[two]', 'no']],
    );
    assert.deepEqual(blocked, ['total']);
    assert.deepEqual(toys.hashes(), before);
    // What did not fail is kept.
    toys.config.maps = { one: { times: 9 } };
    assert.deepEqual((await toys.run()).targetsRun, ['total']);
  }));

test('a missing input file is named before anything runs on it', () =>
  withToys(async (toys) => {
    toys.config.file = 'nowhere.txt';
    assert.equal((await toys.decision('numbers')).state, 'failed');
    assert.equal((await toys.decision('total')).state, 'blocked');
    await assert.rejects(toys.run(), (e: Error & { kind?: string }) => {
      assert.match(e.message, /no such file: .*nowhere\.txt \(read by numbers\)/);
      return e.kind === 'data';
    });
  }));

test('a file that changes while it is read leaves nothing behind, and the run says so', () =>
  withToys(async (toys) => {
    toys.write('offset.txt', '7');
    toys.config.file = 'offset.txt';
    toys.edit(
      'numbers.ts',
      'const offset =',
      'await new Promise((done) => setTimeout(done, 300)); const offset =',
    );
    const change = () => toys.write('offset.txt', '8');
    const { failed } = await toys.run({ watch: (e) => e.type === 'action-started' && change() });
    assert.match(failed[0].error.message, /offset\.txt changed while numbers read it/);
    assert.equal(failed[0].error.kind, 'data');
    toys.write('offset.txt', '7');
    assert.deepEqual((await toys.run()).targetsRun, everything);
    assert.equal((toys.latest('numbers.json') as number[])[0], 7);
  }));

test('code that changes while it runs leaves nothing behind', () =>
  withToys(async (toys) => {
    toys.edit(
      'numbers.ts',
      'const offset =',
      'await new Promise((done) => setTimeout(done, 300)); const offset =',
    );
    const change = () => toys.edit('numbers.ts', 'i + Math.trunc(offset)', 'i + 1 + Math.trunc(offset)');
    const { failed } = await toys.run({ watch: (e) => e.type === 'action-started' && change() });
    assert.match(failed[0].error.message, /the code of numbers changed while it ran/);
  }));

test('what people delete under latest is there again after the next run', () =>
  withToys(async (toys) => {
    await toys.run();
    const before = toys.hashes();
    rmSync(join(toys.dir, 'artifacts', 'latest', 'total.json'));
    assert.deepEqual((await toys.run()).actionsRun, []);
    assert.equal(typeof toys.latest('total.json'), 'number');
    assert.deepEqual(toys.hashes(), before);
  }));

test('an interrupt drains: what runs is kept, the next run goes on from there', () =>
  withToys(async (toys) => {
    toys.config = { count: 60, maps: { slow: { times: 1, slow: 150 } } };
    const drain = new AbortController();
    const first = await toys.run({ workers: 1, drain: drain.signal, ...interruptAfter(2, drain) });
    assert.equal(first.outcome, 'interrupted');
    const done = readdirSync(join(toys.dir, 'artifacts', 'actions'), { recursive: true }).length;
    assert.ok(done > 0);
    const second = await toys.run();
    assert.equal(second.outcome, 'done');
    const planned = second.events.find((e) => e.type === 'parts-planned');
    assert.ok(
      planned?.type === 'parts-planned' && planned.cached >= 2 && planned.cached < 6,
      JSON.stringify(planned),
    );
    const copy = await toys.cleanCopy();
    await copy.run();
    assert.deepEqual(toys.hashes(), copy.hashes());
    copy.remove();
  }));

function interruptAfter(parts: number, drain: AbortController) {
  let seen = 0;
  return {
    watch(e: { type: string; action?: string }) {
      if (e.type === 'action-finished' && e.action?.startsWith('from') && ++seen === parts) drain.abort();
    },
  };
}
