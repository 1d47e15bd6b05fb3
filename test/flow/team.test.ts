import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ParallelThreads, runTeam } from '../../lib/flow/workers/parallel.ts';
import { collectIfWorth, noteShared } from '../../lib/shared-memory.ts';
import { scratchFolder } from '../helpers/run-stage.ts';

/** A module for a team, whose work is `body` of a function of (data, { index, count, post }). */
function moduleOf(body: string): string {
  const path = join(scratchFolder(), 'work.mjs');
  writeFileSync(
    path,
    `import { threadId } from 'node:worker_threads';
     let calls = 0;
     export default async function work(data, { index, count, post }) { calls++; ${body} }`,
  );
  return pathToFileURL(path).href;
}

/** Tells who works, in which call of its own. */
const introduces = () => moduleOf('post({ index, count, threadId, calls, data });');
/** Member 1 fails; the other waits for what never comes, as at a barrier. */
const fails = (how: string) =>
  moduleOf(`if (index === 1) { ${how} }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`);

interface Said {
  readonly index: number;
  readonly count: number;
  readonly threadId: number;
  readonly calls: number;
  readonly data: unknown;
}

async function heard(team: ParallelThreads, module: string, data: unknown): Promise<Said[]> {
  const said: Said[] = [];
  await team.run(module, data, (message, index) => {
    const one = message as Said;
    assert.equal(one.index, index);
    said.push(one);
  });
  return said.sort((a, b) => a.index - b.index);
}

async function withTeam(count: number, body: (team: ParallelThreads) => Promise<void>): Promise<void> {
  const team = new ParallelThreads(count);
  try {
    await body(team);
  } finally {
    await team.close();
  }
}

const idsOf = (said: readonly Said[]) => said.map(({ threadId }) => threadId);

test('the threads of the first call serve the second, and the next team has others', async () => {
  const module = introduces();
  let before: number[] = [];
  await withTeam(3, async (team) => {
    const first = await heard(team, module, 'a');
    assert.deepEqual(
      first.map(({ index, count, calls, data }) => [index, count, calls, data]),
      [0, 1, 2].map((index) => [index, 3, 1, 'a']),
    );
    const second = await heard(team, module, 'b');
    assert.deepEqual(
      second.map(({ calls, data }) => [calls, data]),
      [0, 1, 2].map(() => [2, 'b']),
    );
    assert.deepEqual(idsOf(second), idsOf(first));
    before = idsOf(second);
  });
  await withTeam(3, async (team) => {
    const other = idsOf(await heard(team, module, 'c'));
    assert.ok(other.every((id) => !before.includes(id)));
  });
});

test('threads start while the data are made, and calls wait for each other, not for data', async () => {
  const module = introduces();
  await withTeam(2, async (team) => {
    const order: unknown[] = [];
    const late = Promise.withResolvers<string>();
    const slow = team.run(module, late.promise, () => order.push('slow'));
    // What the first call waits for may take a call itself.
    await team.run(module, 'now', () => order.push('quick'));
    late.resolve('at last');
    await slow;
    assert.deepEqual(order, ['quick', 'quick', 'slow', 'slow']);
  });
});

test('data that are not made fail their call alone', async () => {
  const module = introduces();
  await withTeam(2, async (team) => {
    const ids = idsOf(await heard(team, module, 0));
    await assert.rejects(team.run(module, Promise.reject(new Error('no data'))), /^Error: no data$/);
    assert.deepEqual(idsOf(await heard(team, module, 0)), ids);
  });
});

for (const [what, how, error] of [
  ['throws', "throw new RangeError('not this');", /^RangeError: not this$/],
  [
    'throws where nobody waits',
    "setTimeout(() => { throw new Error('late'); }); return new Promise(() => {});",
    /late/,
  ],
  ['exits', 'process.exit(0);', /a team thread ended with 0/],
] as const) {
  test(`a member that ${what} ends the call and the others, and the next call has new threads`, async () => {
    const module = introduces();
    await withTeam(2, async (team) => {
      await assert.rejects(team.run(fails(how), 0), error);
      const first = await heard(team, module, 1);
      assert.equal(first.length, 2);
      await assert.rejects(team.run(fails(how), 0), error);
      const second = await heard(team, module, 2);
      assert.ok(idsOf(second).every((id) => !idsOf(first).includes(id)));
    });
  });
}

test('a module that is not there, data that cannot be sent, and a listener that throws fail their calls', async () => {
  const module = introduces();
  await withTeam(2, async (team) => {
    await assert.rejects(team.run(`${module}.absent`, 0), { code: 'ERR_MODULE_NOT_FOUND' });
    await assert.rejects(
      team.run(module, () => {}),
      { name: 'DataCloneError' },
    );
    const stop = () => {
      throw new Error('stop');
    };
    await assert.rejects(team.run(module, 0, stop), /^Error: stop$/);
    assert.equal((await heard(team, module, 3)).length, 2);
  });
});

test('to close a team ends a call that is under way, one that waits for data, and all to come', async () => {
  const team = new ParallelThreads(2);
  const started = Promise.withResolvers<void>();
  const late = Promise.withResolvers<number>();
  const waiting = moduleOf('post(0); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);');
  const under = assert.rejects(
    team.run(waiting, 0, () => started.resolve()),
    /a team thread ended/,
  );
  await started.promise;
  const later = assert.rejects(team.run(waiting, late.promise), /team of an action that is over/);
  await team.close();
  late.resolve(0);
  await Promise.all([under, later]);
  await assert.rejects(team.run(waiting, 0), /team of an action that is over/);
});

test('a thread that is ended takes its team with it, whatever that waits for', async (t) => {
  if (!existsSync('/proc/self/task')) return t.skip('threads are counted in /proc, which is not here');
  const threads = () => readdirSync('/proc/self/task').length;
  const waiting = moduleOf('post(0); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);');
  const before = threads();
  const path = join(scratchFolder(), 'action.mjs');
  writeFileSync(
    path,
    `import { parentPort } from 'node:worker_threads';
     import { ParallelThreads } from ${JSON.stringify(new URL('../../lib/flow/workers/parallel.ts', import.meta.url).href)};
     await new ParallelThreads(3).run(${JSON.stringify(waiting)}, 0, () => parentPort.postMessage(0));`,
  );
  const action = new Worker(path);
  await once(action, 'message');
  assert.ok(threads() >= before + 4);
  await action.terminate();
  for (let look = 0; look < 100 && threads() > before; look++) await new Promise((r) => setTimeout(r, 20));
  assert.ok(threads() <= before, `${threads()} threads, ${before} before`);
});

test('a team that is never called, one that was only started, and one that was started for one thread', async () => {
  await new ParallelThreads(4).close();
  for (const count of [1, 2]) {
    await withTeam(count, async (team) => {
      team.start();
      team.start();
    });
    await withTeam(count, async (team) => {
      team.start();
      assert.equal((await heard(team, introduces(), 0)).length, count);
    });
  }
});

test('shared memory that calls handed over is let go of when there is much of it', async () => {
  const module = moduleOf('new Uint8Array(data.buffer).fill(1, 0, data.length);');
  const megabytes = 64;
  await withTeam(1, async (team) => {
    const rss: number[] = [];
    for (let call = 0; call < 14; call++) {
      let buffer: SharedArrayBuffer | undefined = new SharedArrayBuffer(megabytes << 20);
      await team.run(module, { buffer, length: buffer.byteLength });
      buffer = undefined;
      noteShared(megabytes << 20);
      collectIfWorth();
      rss.push(process.memoryUsage.rss() >> 20);
    }
    assert.ok(Math.max(...rss) < rss[0] + 7 * megabytes, `resident: ${rss} MB`);
  });
});

test('one call of a team of its own', async () => {
  const said: unknown[] = [];
  await runTeam(introduces(), 'x', 2, (message) => said.push((message as Said).data));
  assert.deepEqual(said, ['x', 'x']);
});
