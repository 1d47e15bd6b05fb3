/**
 * Lock files, one per action: a second process that wants the same action waits, and then finds the result.
 *
 * A lock names its owner (lock-owner.ts), so that the lock of a dead process is recognised at once, even if its pid was
 * reused. For an owner on another machine or in another container, the heartbeat tells: the holder rewrites its lock every
 * few seconds.
 *
 * Locks save work; the store's correctness does not depend on them. If two processes ever hold one lock (a holder that was
 * suspended for a minute and is taken for dead), both compute the same bytes and commit them one after the other.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Holder, type LockOwner, lifeOf, self } from './lock-owner.ts';

const HEARTBEAT_MS = 5_000;
/** Milliseconds without a heartbeat after which a holder that cannot be checked otherwise counts as dead. */
export const SILENT_MS = 60_000;
/** Milliseconds after which a lock without content counts as dead; before that, it may be in the making. */
const UNWRITTEN_MS = 2_000;
const POLL_MS = 100;
/** Milliseconds of waiting before `onWait` is called. */
const UNNOTICED_MS = 2_000;

export interface Lock {
  /** False if another process has taken the lock over, because this one was suspended and taken for dead. */
  isHeld(): boolean;
  release(): void;
}

/** Callback for waiting: called repeatedly, after the first two seconds, with the holder of the lock. */
export type OnWait = (holder: Holder, waitedMs: number) => void;

/**
 * Takes the lock, waiting as long as a living process holds it. Calls `isDone` while waiting; once that returns true, there
 * is nothing left to do, and the result is undefined.
 */
export async function acquireLock(
  folder: string,
  name: string,
  isDone: () => boolean,
  { signal, onWait }: { signal?: AbortSignal; onWait?: OnWait } = {},
): Promise<Lock | undefined> {
  const path = join(folder, name);
  const start = performance.now();
  for (;;) {
    const lock = tryLock(path);
    if (lock !== undefined) return lock;
    const found = readLock(path);
    if (found === undefined) continue; // just released
    if (!isAlive(path, found)) {
      breakLock(path, found.text);
      continue;
    }
    if (isDone()) return undefined;
    const waitedMs = performance.now() - start;
    if (waitedMs > UNNOTICED_MS) onWait?.(holderOf(found, folder), waitedMs);
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Takes the lock if there is none; undefined if there is one, even of a dead process. */
export function tryLock(path: string, about: Partial<LockOwner> = {}): Lock | undefined {
  let file: number;
  try {
    file = openSync(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  const text = JSON.stringify({
    ...self(),
    ...about,
    since: new Date().toISOString(),
    token: randomBytes(6).toString('hex'),
  });
  try {
    writeSync(file, text, 0);
  } catch (error) {
    closeSync(file);
    rmSync(path, { force: true }); // the disk is full: an empty lock would only be in the way
    throw error;
  }
  held.set(file, { path, text });
  timer ??= setInterval(beat, HEARTBEAT_MS).unref();
  return { isHeld: () => held.has(file) && isAt(file, path), release: () => release(file, path) };
}

/** Whether a path still refers to the open file. */
function isAt(file: number, path: string): boolean {
  try {
    const [open, named] = [fstatSync(file), statSync(path)];
    return open.nlink > 0 && open.ino === named.ino && open.dev === named.dev;
  } catch {
    return false;
  }
}

/** Open lock files of this process: descriptor → path and content. */
const held = new Map<number, { readonly path: string; readonly text: string }>();
let timer: NodeJS.Timeout | undefined;
let beatMs = 0;

/** Writes a heartbeat to all locks of this process, by descriptor and not by path: a lock taken over belongs to another. */
function beat(): void {
  beatMs = performance.now();
  for (const [file, { text }] of held) {
    try {
      writeSync(file, text, 0);
      fdatasyncSync(file); // on a network file system, others see synced data only
    } catch {
      // other writes report a full or failing disk
    }
  }
}

/** Writes a heartbeat if one is due. Call it between the steps of work that blocks the event loop. */
export function beatIfDue(): void {
  if (held.size > 0 && performance.now() - beatMs > HEARTBEAT_MS) beat();
}

function release(file: number, path: string): void {
  if (!held.delete(file)) return;
  const isMine = isAt(file, path);
  closeSync(file);
  if (isMine) rmSync(path, { force: true });
  if (held.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

/** Releases all locks of this process, which is about to exit. */
export function releaseAll(): void {
  for (const [file, { path }] of [...held]) {
    try {
      release(file, path);
    } catch {
      // soon the lock of a dead process, and recognised as such
    }
  }
}

/** Whether a living process holds this lock. */
export function isHeld(path: string): boolean {
  return livingHolder(path) !== undefined;
}

/** Returns the living holder of a lock; undefined if there is none. */
export function livingHolder(path: string): Holder | undefined {
  const found = readLock(path);
  return found !== undefined && isAlive(path, found) ? holderOf(found, dirname(path)) : undefined;
}

/** Removes a lock whose holder is dead, and returns that holder; undefined if there is no lock or its holder is alive. */
export function clearIfDead(path: string): Holder | undefined {
  const found = readLock(path);
  if (found === undefined || isAlive(path, found)) return undefined;
  breakLock(path, found.text);
  return holderOf(found, dirname(path));
}

function holderOf({ text, heartbeatMs }: Seen, folder: string): Holder {
  return { owner: parseOwner(text), heartbeatMs, silentMs: () => clockOf(folder) - heartbeatMs };
}

interface Seen {
  readonly text: string;
  readonly heartbeatMs: number;
  /** True if this process has no permission to read the lock. */
  readonly isClosed?: boolean;
}

/** Reads a lock; undefined if there is none. Opening the file makes a network file system refresh its timestamps. */
function readLock(path: string): Seen | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      return { text: readFileSync(file, 'utf8'), heartbeatMs: fstatSync(file).mtimeMs };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code !== 'EACCES') throw error;
    // A lock of another user that is not readable: only its heartbeat is known.
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found === undefined ? undefined : { text: '', heartbeatMs: found.mtimeMs, isClosed: true };
  }
}

function isAlive(path: string, { text, heartbeatMs, isClosed = false }: Seen): boolean {
  const owner = parseOwner(text);
  const life = owner === undefined ? 'unknown' : lifeOf(owner);
  if (life !== 'unknown') return life === 'alive';
  const silentMs = clockOf(dirname(path)) - heartbeatMs;
  return silentMs < (owner === undefined && !isClosed ? UNWRITTEN_MS : SILENT_MS);
}

function parseOwner(text: string): LockOwner | undefined {
  try {
    const owner = JSON.parse(text) as LockOwner;
    return typeof owner.pid === 'number' ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** Current time in milliseconds, by the clock of a folder's file system, which may differ from this machine's. */
function clockOf(folder: string): number {
  const probe = join(folder, `${randomBytes(6).toString('hex')}.clock`);
  try {
    closeSync(openSync(probe, 'wx'));
    return statSync(probe).mtimeMs;
  } catch {
    return Date.now(); // a folder without write permission
  } finally {
    rmSync(probe, { force: true });
  }
}

/**
 * Removes a dead lock. Another process may replace it by a living one between the check and the removal, so the lock is
 * first renamed, which only one process can do, and then checked once more.
 */
function breakLock(path: string, dead: string): void {
  const grave = `${path}.${randomBytes(6).toString('hex')}.dead`;
  try {
    renameSync(path, grave);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return; // another was quicker
    throw error;
  }
  if (textOf(grave) !== dead) putBack(grave, path);
  rmSync(grave, { force: true });
}

/** Content of a lock; empty for a lock that this process may not read. */
function textOf(grave: string): string {
  return readLock(grave)?.text ?? '';
}

function putBack(grave: string, path: string): void {
  try {
    linkSync(grave, path);
  } catch {
    // A third process has taken the lock, or hard links are not supported: two processes then compute the same bytes.
  }
}
