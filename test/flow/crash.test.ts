import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { test } from 'node:test';
import { randomSource } from '../../lib/flow/random.ts';
import { ToyProject } from './toy-project.ts';

const runner = new URL('./run-toys.ts', import.meta.url).pathname;
const config = { count: 80, maps: { one: { times: 1, slow: 15 }, two: { times: 2, noise: true, slow: 15 } } };

function start(dir: string): { child: ChildProcess; exit: Promise<number | null> } {
  const child = spawn(process.execPath, [runner, dir, JSON.stringify(config)], { stdio: 'ignore' });
  return { child, exit: new Promise((done) => child.once('exit', (code) => done(code))) };
}

test('killed at random moments, the next run ends with the bytes of an undisturbed one', async () => {
  const reference = await ToyProject.create();
  reference.config = config;
  await reference.run();
  const stream = randomSource(Number(process.env.SEED ?? 1), 'crash').stream('moments');
  let killed = 0;
  for (let i = 0; i < 8; i++) {
    const toys = await ToyProject.create();
    toys.config = config;
    for (let kill = 0; kill < 2; kill++) {
      const moment = 150 + stream.int(500);
      const { child, exit } = start(toys.dir);
      const timer = setTimeout(() => child.kill('SIGKILL'), moment);
      if ((await exit) === null) killed++;
      clearTimeout(timer);
    }
    const result = await toys.run();
    assert.equal(
      result.outcome,
      'done',
      `SEED=${process.env.SEED ?? 1}, round ${i}: ${JSON.stringify(result.failed)}`,
    );
    assert.deepEqual(toys.hashes(), reference.hashes(), `SEED=${process.env.SEED ?? 1}, round ${i}`);
    toys.remove();
  }
  assert.ok(killed >= 4, `only ${killed} of 16 runs were killed before their end`);
  reference.remove();
});
