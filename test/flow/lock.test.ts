import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { OperationalError } from '../../lib/errors.ts';
import { holderAdvice, holderName } from '../../lib/flow/locks/holder-words.ts';
import { acquireLock, isHeld, livingHolder, SILENT_MS } from '../../lib/flow/locks/lock.ts';
import { type LockOwner, self } from '../../lib/flow/locks/lock-owner.ts';
import { collecting, lockSession, sweep, waitForCollector } from '../../lib/flow/locks/session-lock.ts';
import { StoreLayout } from '../../lib/flow/store/layout.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'rankloom-lock-'));
const holder = new URL('./hold-lock.ts', import.meta.url).pathname;

test('a lock is held until it is released', async () => {
  const dir = folder();
  const first = await acquireLock(dir, 'a', () => false);
  assert.ok(first);
  assert.equal(await acquireLock(dir, 'a', () => true), undefined);
  let second: unknown;
  const waiting = acquireLock(dir, 'a', () => false).then((lock) => {
    second = lock;
  });
  await new Promise((done) => setTimeout(done, 250));
  assert.equal(second, undefined);
  first.release();
  await waiting;
  assert.ok(second);
  rmSync(dir, { recursive: true });
});

test('the lock of a killed process is taken over, that of a living one is not', async () => {
  const dir = folder();
  const child = spawn(process.execPath, [holder, dir, 'a'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((ready) => child.stdout.once('data', ready));
  assert.ok(existsSync(join(dir, 'a')));
  assert.equal(await acquireLock(dir, 'a', () => true), undefined);
  child.kill('SIGKILL');
  await new Promise((gone) => child.once('exit', gone));
  const lock = await acquireLock(dir, 'a', () => false);
  assert.ok(lock);
  rmSync(dir, { recursive: true });
});

test('a lock whose pid now belongs to another process is dead, however fresh it is', async () => {
  const dir = folder();
  const { boot, host } = self();
  writeFileSync(join(dir, 'a'), JSON.stringify({ pid: process.pid, startTime: '1', boot, host }));
  assert.ok(await acquireLock(dir, 'a', () => false));
  rmSync(dir, { recursive: true });
});

const elsewhere: Record<string, Partial<LockOwner>> = {
  'another machine': { host: 'not this one' },
  'before a reboot': { boot: 'another boot' },
  'another container': { pidSpace: 'pid:[1]' },
};

for (const [place, owner] of Object.entries(elsewhere)) {
  test(`a lock of ${place} is held as long as its heart beats`, async () => {
    const dir = folder();
    const path = join(dir, 'a');
    writeFileSync(path, JSON.stringify({ ...self(), ...owner }));
    assert.ok(isHeld(path));
    assert.equal(await acquireLock(dir, 'a', () => true), undefined);
    const silentSince = (Date.now() - SILENT_MS) / 1000 - 1;
    utimesSync(path, silentSince, silentSince);
    assert.ok(!isHeld(path));
    assert.ok(await acquireLock(dir, 'a', () => false));
    assert.deepEqual(readdirSync(dir), ['a'], 'nothing is left of the dead one');
    rmSync(dir, { recursive: true });
  });
}

test('a lock that was cut off while it was written is dead after a moment', async () => {
  const dir = folder();
  const path = join(dir, 'a');
  writeFileSync(path, '{"pid":');
  assert.ok(isHeld(path));
  const before = Date.now() / 1000 - 3;
  utimesSync(path, before, before);
  assert.ok(!isHeld(path));
  rmSync(dir, { recursive: true });
});

test('who gives back a lock that was taken over leaves the new one alone', async () => {
  const dir = folder();
  const lock = await acquireLock(dir, 'a', () => false);
  rmSync(join(dir, 'a'));
  writeFileSync(join(dir, 'a'), 'of another');
  lock!.release();
  assert.equal(readFileSync(join(dir, 'a'), 'utf8'), 'of another');
  rmSync(dir, { recursive: true });
});

test('of many processes that find a dead lock, one has it at a time', async () => {
  const dir = folder();
  writeFileSync(join(dir, 'a'), JSON.stringify({ ...self(), startTime: '1' }));
  let holders = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const lock = await acquireLock(dir, 'a', () => false);
      most = Math.max(most, ++holders);
      await new Promise((done) => setTimeout(done, 5));
      holders--;
      lock!.release();
    }),
  );
  assert.equal(most, 1);
  assert.deepEqual(readdirSync(dir), []);
  rmSync(dir, { recursive: true });
});

test('a collector and visitors keep each other out', async () => {
  const dir = folder();
  for (const name of ['locks', 'tmp', 'cache']) mkdirSync(join(dir, name));
  const here = lockSession(new StoreLayout(dir));
  await assert.rejects(
    collecting(new StoreLayout(dir), () => 0),
    ({ kind, message, hint }: OperationalError) => {
      assert.equal(kind, 'locked');
      assert.match(
        message,
        new RegExp(`a run is at work in this store: process ${process.pid} on this machine`),
      );
      assert.match(hint ?? '', /it is at work/);
      return true;
    },
  );
  here.release();
  let isCollecting = true;
  let waited: Promise<void> | undefined;
  await collecting(new StoreLayout(dir), () => {
    const next = lockSession(new StoreLayout(dir));
    waited = waitForCollector(new StoreLayout(dir)).then(() => assert.ok(!isCollecting));
    next.release();
  });
  isCollecting = false;
  await waited;
  rmSync(dir, { recursive: true });
});

test('what a dead visit left is swept away, that of a living one stays', async () => {
  const dir = folder();
  for (const name of ['locks', 'tmp', 'cache']) mkdirSync(join(dir, name));
  const living = lockSession(new StoreLayout(dir));
  mkdirSync(join(dir, 'tmp', `${living.id}-1`));
  const dead = 'visit-0123456789abcdef';
  writeFileSync(
    join(dir, 'locks', `${dead}.lock`),
    JSON.stringify({ ...self(), startTime: '1', run: 'a run' }),
  );
  mkdirSync(join(dir, 'tmp', `${dead}-1`));
  writeFileSync(join(dir, 'tmp', `${dead}-1`, 'a'), '123');
  writeFileSync(join(dir, 'tmp', `${dead}-2`), '45');
  mkdirSync(join(dir, 'tmp', '77-of-an-earlier-version'));
  const departed = await sweep(new StoreLayout(dir));
  assert.deepEqual(
    departed.map(({ holder, files, bytes }) => [holder.owner?.run, files, bytes]),
    [['a run', 2, 5]],
  );
  assert.deepEqual(readdirSync(join(dir, 'tmp')).sort(), ['77-of-an-earlier-version', `${living.id}-1`]);
  assert.deepEqual(readdirSync(join(dir, 'locks')), [`${living.id}.lock`]);
  living.release();
  rmSync(dir, { recursive: true });
});

test('who waits hears after a moment for whom, what that one does, and what can be done', async () => {
  const dir = folder();
  const child = spawn(process.execPath, [holder, dir, 'a'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((ready) => child.stdout.once('data', ready));
  const stop = new AbortController();
  const words: string[] = [];
  const states = [`kill ${child.pid} would end it`, `kill -CONT ${child.pid} lets it go on`];
  await acquireLock(dir, 'a', () => false, {
    signal: stop.signal,
    onWait(holder, waitedMs) {
      assert.ok(waitedMs >= 2000);
      words.push(`${holderName(holder)}: ${holderAdvice(holder)}`);
      if (process.platform !== 'linux' || words.at(-1)!.includes(states[1])) stop.abort();
      else child.kill('SIGSTOP');
    },
  }).catch((error) => assert.equal(error.name, 'AbortError'));
  assert.match(
    words[0],
    new RegExp(`^process ${child.pid} on this machine \\(since \\d\\d:\\d\\d:\\d\\d\\): `),
  );
  assert.ok(words[0].includes(states[0]), words[0]);
  child.kill('SIGKILL');
  rmSync(dir, { recursive: true });
});

test('of a process elsewhere it is said when it counts as dead', () => {
  const dir = folder();
  const path = join(dir, 'a');
  for (const [owner, place] of [
    [{ host: 'node17' }, /on node17.*cannot be seen from here: /],
    [{ pidSpace: 'pid:[1]' }, /on this machine.*in another container: /],
  ] as const) {
    writeFileSync(path, JSON.stringify({ ...self(), ...owner, command: 'main run' }));
    const holder = livingHolder(path)!;
    const words = `${holderName(holder)}; ${holderAdvice(holder)}`;
    assert.match(words, place);
    assert.match(
      words,
      /\(main run\).*sign of life was \d+ s ago, and after 60 s without one it counts as dead/,
    );
  }
  rmSync(dir, { recursive: true });
});

test('a process that was asleep sees that its lock, or its visit, was taken from it', async () => {
  const dir = folder();
  for (const name of ['locks', 'tmp', 'cache']) mkdirSync(join(dir, name));
  const lock = (await acquireLock(join(dir, 'locks'), 'a', () => false))!;
  const here = lockSession(new StoreLayout(dir));
  assert.ok(lock.isHeld() && here.isValid());
  // As another machine does when it has seen no sign of life for long.
  for (const name of readdirSync(join(dir, 'locks'))) {
    const path = join(dir, 'locks', name);
    rmSync(path);
    if (name === 'a') writeFileSync(path, 'of another');
  }
  assert.ok(!lock.isHeld() && !here.isValid());
  lock.release();
  here.release();
  assert.deepEqual(readdirSync(join(dir, 'locks')), ['a'], 'that of the other stays');
  rmSync(dir, { recursive: true });
});
