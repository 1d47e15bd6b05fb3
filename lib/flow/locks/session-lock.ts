/**
 * Locks of sessions: a process holds one while it uses a store. `gc` removes nothing while there is one, and scratch
 * files belong to a session, so that those of a session that has ended are known as such.
 *
 * A session first takes its lock and then looks for a collector; a collector first takes its own lock and then looks for
 * sessions. So at least one of two that come at once sees the other: the collector gives way, the session waits.
 */
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OperationalError } from '../../errors.ts';
import { holderAdvice, holderName } from './holder-words.ts';
import { acquireLock, beatIfDue, clearIfDead, isHeld, livingHolder, type OnWait, tryLock } from './lock.ts';
import type { Holder } from './lock-owner.ts';

const COLLECTOR = 'gc.collector';
/** Begins the names of session locks. Earlier versions know them by it. */
const PREFIX = 'visit';
const POLL_MS = 100;
const UNNOTICED_MS = 2_000;

/** The paths of a store in which sessions leave something. */
export interface SessionPaths {
  /** The store's folder, for messages. */
  readonly dir: string;
  readonly locks: string;
  readonly tmp: string;
  readonly cache: string;
}

export interface SessionLock {
  /** The beginning of the names of this session's files in tmp/. */
  readonly id: string;
  /** False if another process took this one for dead, and removed its files. */
  isValid(): boolean;
  release(): void;
}

/**
 * Takes a lock for a session of this process. Does not wait: see `waitForCollector`.
 *
 * @param run the id of the run that the session is for, by which it is named if it never ends
 */
export function lockSession({ locks }: SessionPaths, run?: string): SessionLock {
  mkdirSync(locks, { recursive: true });
  const id = `${PREFIX}-${randomBytes(8).toString('hex')}`;
  const lock = tryLock(join(locks, `${id}.lock`), { run });
  if (lock === undefined) throw new TypeError(`two sessions have the id ${id}`);
  return { id, isValid: () => lock.isHeld(), release: () => lock.release() };
}

/** Waits until no process collects. To be called after `lockSession` and before anything in the store is relied on. */
export async function waitForCollector(
  { locks }: SessionPaths,
  signal?: AbortSignal,
  onWait?: OnWait,
): Promise<void> {
  const start = performance.now();
  for (;;) {
    const collector = livingHolder(join(locks, COLLECTOR));
    if (collector === undefined || signal?.aborted) return;
    const waitedMs = performance.now() - start;
    if (waitedMs > UNNOTICED_MS) onWait?.(collector, waitedMs);
    await sleep(POLL_MS);
  }
}

/**
 * Keeps sessions out while `body` runs. Throws a locked error if there is one, or another collector.
 *
 * @param body calls what it is given before each step: that throws if this process was asleep for so long that it was
 * taken for dead, and sessions may be there by now
 */
export async function collecting<T>(paths: SessionPaths, body: (still: () => void) => T): Promise<T> {
  const { dir, locks } = paths;
  mkdirSync(locks, { recursive: true }); // tools that copy stores leave out empty folders
  const lock = await acquireLock(locks, COLLECTOR, () => true);
  if (lock === undefined) {
    const collector = livingHolder(join(locks, COLLECTOR));
    throw busy(dir, 'another process collects in this store', collector);
  }
  try {
    const session = sessionIn(paths);
    if (session !== undefined) throw busy(dir, 'a run is at work in this store', session);
    return body(() => {
      if (!lock.isHeld())
        throw busy(dir, 'this process was silent for so long that another took it for dead');
      beatIfDue();
    });
  } finally {
    lock.release();
  }
}

/** Also the lock of an action counts: early versions take no locks for sessions. */
function sessionIn({ locks }: SessionPaths): Holder | undefined {
  for (const name of readdirSync(locks)) {
    const holder = name.endsWith('.lock') ? livingHolder(join(locks, name)) : undefined;
    if (holder !== undefined) return holder;
  }
  return undefined;
}

function busy(store: string, message: string, holder?: Holder): OperationalError {
  const who = holder === undefined ? '' : `: ${holderName(holder)}`;
  const advice = holder === undefined ? '' : `; ${holderAdvice(holder)}`;
  return new OperationalError('locked', `${message}${who}`, {
    where: store,
    hint: `wait until it has ended, then collect again${advice}`,
  });
}

const SESSION = /^visit-[0-9a-f]{16}/;
/** The locks that runs make: of sessions, of actions, of a collector. */
const LOCK = /^((visit-[0-9a-f]{16}|[0-9a-f]{64})\.lock|gc\.collector)$/;
/** Names in tmp/ of earlier versions. */
const isUnowned = (name: string) => /^\d+-[0-9a-f-]{36}$/.test(name);
const DAY_MS = 24 * 3600 * 1000;

/** A session whose process never gave its lock back: it was killed, or its machine went down. */
export interface AbandonedSession {
  readonly holder: Holder;
  /** Number of its scratch files, which are removed by now. */
  readonly files: number;
  readonly bytes: number;
}

/**
 * Removes what sessions that are over left behind: scratch files, and the locks of dead processes. A file that
 * belongs to no session is of an earlier version, or of a moment in which a lock was broken, and is removed when it
 * is a day old.
 */
export async function sweep({ locks, tmp, cache }: SessionPaths): Promise<AbandonedSession[]> {
  const living = new Map<string, boolean>();
  const left = new Map<string, { files: number; bytes: number }>();
  for (const name of readdirSync(tmp)) {
    const [id] = SESSION.exec(name) ?? [];
    if (id !== undefined && !living.has(id)) living.set(id, isHeld(join(locks, `${id}.lock`)));
    const isLeft = id === undefined ? isUnowned(name) && isOld(join(tmp, name)) : living.get(id) === false;
    if (!isLeft) continue;
    if (id !== undefined) {
      const size = sizeOf(join(tmp, name));
      const sum = left.get(id) ?? { files: 0, bytes: 0 };
      left.set(id, { files: sum.files + size.files, bytes: sum.bytes + size.bytes });
    }
    await rm(join(tmp, name), { recursive: true, force: true });
  }
  const abandoned: AbandonedSession[] = [];
  // Last, since the lock says that the files have no owner any more.
  for (const name of readdirSync(locks)) {
    const path = join(locks, name);
    if (/[0-9a-f]{12}\.(dead|clock|breaking)$/.test(name)) {
      if (isOld(path)) await rm(path, { recursive: true, force: true });
      continue;
    }
    const holder = LOCK.test(name) ? clearIfDead(path) : undefined;
    const [id] = SESSION.exec(name) ?? [];
    if (holder === undefined || id === undefined) continue;
    abandoned.push({ holder, ...(left.get(id) ?? { files: 0, bytes: 0 }) });
  }
  for (const name of readdirSync(cache)) {
    if (/\.json\.[0-9a-f]{12}\.tmp$/.test(name) && isOld(join(cache, name)))
      await rm(join(cache, name), { force: true });
  }
  return abandoned;
}

/** Files and their bytes, of a file or of a folder with all below it. */
function sizeOf(path: string): { files: number; bytes: number } {
  let [files, bytes] = [0, 0];
  try {
    const stat = lstatSync(path);
    if (!stat.isDirectory()) return { files: 1, bytes: stat.size };
    for (const name of readdirSync(path)) {
      const inside = sizeOf(join(path, name));
      files += inside.files;
      bytes += inside.bytes;
    }
  } catch {
    // gone meanwhile
  }
  return { files, bytes };
}

function isOld(path: string): boolean {
  try {
    return Date.now() - lstatSync(path).mtimeMs > DAY_MS;
  } catch {
    return false; // gone meanwhile
  }
}
