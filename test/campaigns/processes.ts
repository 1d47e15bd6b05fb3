/**
 * Many processes in one store at once, with targets that overlap: each action is made once, all end right; one
 * that is killed in the middle does not stop the others.
 *
 *     SEED=1 node test/campaigns/processes.ts [rounds]
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStore, verify } from '../../lib/flow/index.ts';
import { randomSource } from '../../lib/flow/random.ts';
import { filesIn, start } from '../flow/crash-support.ts';
import { type ToyConfig, ToyProject } from '../flow/toy-project.ts';

const runner = fileURLToPath(new URL('../flow/run-toys.ts', import.meta.url));

/** Configs that have `map[one]` in common, and each but the first one map of its own. */
function configs(count: number): ToyConfig[] {
  const common = { one: { times: 1, slow: 10 } };
  return Array.from({ length: count }, (_, i) => ({
    count: 80,
    maps: i % 2 === 0 ? common : { ...common, [`own${i}`]: { times: 2 + i, noise: true, slow: 10 } },
  }));
}

/** Actions that the runs of a store finished, by target and name. */
function actionsMade(store: string): string[] {
  return readdirSync(join(store, 'runs')).flatMap((run) => {
    const log = join(store, 'runs', run, 'events.ndjson');
    if (!existsSync(log)) return [];
    return readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"type":"action-finished"') && line.endsWith('}'))
      .map((line) => JSON.parse(line))
      .map(({ target, action }) => `${target}/${action}`);
  });
}

/** The records that all configs need, made one after the other in a store of their own. */
async function expected(toys: ToyProject, all: readonly ToyConfig[]): Promise<string[]> {
  const alone = await toys.cleanCopy();
  for (const config of all) {
    alone.config = config;
    assert.equal((await alone.run()).outcome, 'done');
  }
  const records = filesIn(join(alone.dir, 'artifacts'), 'actions');
  alone.remove();
  return records;
}

/** Lets so many processes run at once. Each action must be made by just one of them. */
export async function shareWork(count: number): Promise<void> {
  const toys = await ToyProject.create();
  const all = configs(count);
  const store = join(toys.dir, 'artifacts');
  const ends = await Promise.all(all.map((c) => start([runner, toys.dir, JSON.stringify(c)]).ended));
  assert.deepEqual(
    ends.map(({ code }) => code),
    ends.map(() => 0),
    ends.map(({ output }) => output).join('\n'),
  );
  const records = filesIn(store, 'actions');
  assert.deepEqual(records, await expected(toys, all));
  // The sum of all configs' lists is one target with other inputs each time: as many actions as records.
  assert.equal(actionsMade(store).length, records.length, 'each action was made once');
  assert.deepEqual((await verify(openStore(store))).damage, []);
  assert.deepEqual([filesIn(store, 'tmp'), filesIn(store, 'locks')], [[], []]);
  toys.remove();
}

/** Kills one of so many processes after a while. */
export async function killOneOfMany(count: number, afterMs: number): Promise<boolean> {
  const toys = await ToyProject.create();
  const all = configs(count);
  const store = join(toys.dir, 'artifacts');
  const processes = all.map((config) => start([runner, toys.dir, JSON.stringify(config)]));
  const timer = setTimeout(() => processes.at(-1)!.child.kill('SIGKILL'), afterMs);
  const ends = await Promise.all(processes.map(({ ended }) => ended));
  clearTimeout(timer);
  const killed = ends.at(-1)!.code === null;
  for (const { code, output } of ends.slice(0, -1)) assert.equal(code, 0, output);
  // What the killed one was about to make is made by whoever comes next.
  toys.config = all.at(-1)!;
  assert.equal((await toys.run()).outcome, 'done');
  assert.deepEqual(filesIn(store, 'actions'), await expected(toys, all));
  assert.deepEqual((await verify(toys.store)).damage, []);
  assert.deepEqual(filesIn(store, 'tmp'), []);
  toys.remove();
  return killed;
}

if (process.argv[1] === import.meta.filename) {
  const rounds = Number(process.argv[2] ?? 20);
  const seed = Number(process.env.SEED ?? 1);
  const stream = randomSource(seed, 'processes').stream('moments');
  let killed = 0;
  for (let round = 0; round < rounds; round++) {
    await shareWork(2);
    await shareWork(8);
    if (await killOneOfMany(round % 2 === 0 ? 2 : 8, 200 + stream.int(1200))) killed++;
    console.log(`SEED=${seed}: ${round + 1} rounds of 2 and of 8 processes, ${killed} killed: all right`);
  }
}
