/**
 * One lock file for one action: a second process that wants the same action waits and then finds the result.
 *
 * A lock names its owner (lock-owner.ts), so that the lock of a dead process is known as such at once, even if
 * its pid was given to another. Where that cannot be known, on another machine or in another container, the
 * holder's heartbeat tells: it rewrites its lock every few seconds.
 *
 * Locks save work. They are not what keeps the store right: should two processes ever hold one lock (a holder
 * that was asleep for a minute and is taken for dead), both compute the same bytes and commit them in turn.
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
/** A holder of whom nothing else is known counts as dead when it has been silent for so long. */
export const SILENT_MS = 60_000;
/** A lock that says nothing is just being made, or was cut off by a crash. */
const UNWRITTEN_MS = 2_000;
const POLL_MS = 100;
/** So long a wait is nothing to speak of. */
const UNNOTICED_MS = 2_000;

export interface Lock {
  /** False if it was taken over meanwhile: this process was asleep and taken for dead. */
  isHeld(): boolean;
  release(): void;
}

/** Hears every now and then, after two seconds, of the holder of the lock that is waited for. */
export type OnWait = (holder: Holder, waitedMs: number) => void;

/**
 * Takes the lock, waiting as long as a living process holds it. `isDone` is asked while waiting: once it says
 * yes, there is nothing left to do, and undefined is returned.
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

/** Takes the lock if it is free. Does not ask which process has it. */
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

/** Whether an open file is still the one of this name. */
function isAt(file: number, path: string): boolean {
  try {
    const [open, named] = [fstatSync(file), statSync(path)];
    return open.nlink > 0 && open.ino === named.ino && open.dev === named.dev;
  } catch {
    return false;
  }
}

/** Open lock files of this process → their names, and what they say. */
const held = new Map<number, { readonly path: string; readonly text: string }>();
let timer: NodeJS.Timeout | undefined;
let beatMs = 0;

/** Through the open file, not its name: a lock that was taken over is another's, and not to be touched. */
function beat(): void {
  beatMs = performance.now();
  for (const [file, { text }] of held) {
    try {
      writeSync(file, text, 0);
      fdatasyncSync(file); // over a network, what is not synced is not seen
    } catch {
      // a full or failing disk shows up where it matters
    }
  }
}

/** For work that keeps the event loop from turning, and with it the heartbeat: to be called between its steps. */
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

/** Gives back all locks of this process, which ends. */
export function releaseAll(): void {
  for (const [file, { path }] of [...held]) {
    try {
      release(file, path);
    } catch {
      // it is a dead process's in a moment, and found to be
    }
  }
}

/** Whether a living process holds this lock. */
export function isHeld(path: string): boolean {
  return livingHolder(path) !== undefined;
}

/** The living process that holds this lock; undefined if there is none. */
export function livingHolder(path: string): Holder | undefined {
  const found = readLock(path);
  return found !== undefined && isAlive(path, found) ? holderOf(found, dirname(path)) : undefined;
}

/** Removes a lock whose holder is gone, and returns that holder. */
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
  /** This process may not read the lock. */
  readonly isClosed?: boolean;
}

/** Undefined if there is no lock. Opening the file makes a network file system ask for its latest times. */
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
    // Of another user, and not readable: its heartbeat alone tells.
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

/** The time by the clock that stamps files here, which need not be this machine's. In milliseconds. */
function clockOf(folder: string): number {
  const probe = join(folder, `${randomBytes(6).toString('hex')}.clock`);
  try {
    closeSync(openSync(probe, 'wx'));
    return statSync(probe).mtimeMs;
  } catch {
    return Date.now(); // a place that cannot be written
  } finally {
    rmSync(probe, { force: true });
  }
}

/**
 * Removes a dead lock. Between seeing that it is dead and removing it, another process may have replaced it by
 * a living one; so it is taken away by a rename, of which only one process can be the author, and looked at
 * once more.
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

/** As `readLock`: nothing of a lock that this process may not read. */
function textOf(grave: string): string {
  return readLock(grave)?.text ?? '';
}

function putBack(grave: string, path: string): void {
  try {
    linkSync(grave, path);
  } catch {
    // A third process has it by now, or there are no hard links here: two compute the same, and no harm is done.
  }
}
