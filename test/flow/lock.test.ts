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
import { acquireLock, isHeld, SILENT_MS } from '../../lib/flow/lock.ts';
import { type Owner, self } from '../../lib/flow/owner.ts';
import { collecting, sweep, visit, waitForCollector } from '../../lib/flow/visit.ts';

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

const elsewhere: Record<string, Partial<Owner>> = {
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
  const here = visit(dir);
  await assert.rejects(
    collecting(dir, () => 0),
    /a run is at work/,
  );
  here.leave();
  let isCollecting = true;
  let waited: Promise<void> | undefined;
  await collecting(dir, () => {
    const next = visit(dir);
    waited = waitForCollector(dir).then(() => assert.ok(!isCollecting));
    next.leave();
  });
  isCollecting = false;
  await waited;
  rmSync(dir, { recursive: true });
});

test('what a dead visit left is swept away, that of a living one stays', async () => {
  const dir = folder();
  for (const name of ['locks', 'tmp', 'cache']) mkdirSync(join(dir, name));
  const living = visit(dir);
  mkdirSync(join(dir, 'tmp', `${living.id}-1`));
  const dead = 'visit-0123456789abcdef';
  writeFileSync(join(dir, 'locks', `${dead}.lock`), JSON.stringify({ ...self(), startTime: '1' }));
  mkdirSync(join(dir, 'tmp', `${dead}-1`));
  writeFileSync(join(dir, 'tmp', `${dead}-2`), '');
  mkdirSync(join(dir, 'tmp', '77-of-an-earlier-version'));
  await sweep(dir);
  assert.deepEqual(readdirSync(join(dir, 'tmp')).sort(), ['77-of-an-earlier-version', `${living.id}-1`]);
  assert.deepEqual(readdirSync(join(dir, 'locks')), [`${living.id}.lock`]);
  living.leave();
  rmSync(dir, { recursive: true });
});
