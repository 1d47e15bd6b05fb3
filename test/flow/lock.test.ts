import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { acquireLock } from '../../lib/flow/lock.ts';

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

test('a lock whose pid now belongs to another process, or from before a reboot, is dead', async () => {
  const dir = folder();
  const host = (await import('node:os')).hostname();
  writeFileSync(join(dir, 'a'), JSON.stringify({ pid: process.pid, startTime: '1', boot: 'x', host }));
  assert.ok(await acquireLock(dir, 'a', () => false));
  writeFileSync(join(dir, 'b'), JSON.stringify({ pid: 1, startTime: '', boot: 'another boot', host }));
  assert.ok(await acquireLock(dir, 'b', () => false));
  rmSync(dir, { recursive: true });
});
