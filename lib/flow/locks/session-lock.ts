/**
 * Session locks: a process holds one while it uses a store. `gc` removes nothing while a session is open. Scratch files
 * belong to a session, so that files of ended sessions can be recognised.
 *
 * A session first takes its lock and then checks for a collector; a collector first takes its own lock and then checks for
 * sessions. So if both start at once, at least one sees the other: the collector gives up, the session waits.
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
/** Prefix of the names of session locks; earlier versions recognise them by it. */
const PREFIX = 'visit';
const POLL_MS = 100;
const UNNOTICED_MS = 2_000;

/** Paths of a store where sessions leave files. */
export interface SessionPaths {
  /** Folder of the store, for messages. */
  readonly dir: string;
  readonly locks: string;
  readonly tmp: string;
  readonly cache: string;
}

export interface SessionLock {
  /** Prefix of the names of this session's files in tmp/. */
  readonly id: string;
  /** False if another process took this one for dead and removed its files. */
  isValid(): boolean;
  release(): void;
}

/**
 * Takes a session lock for this process. Does not wait: see `waitForCollector`.
 *
 * @param run the id of the session's run, to report it if the session is abandoned
 */
export function lockSession({ locks }: SessionPaths, run?: string): SessionLock {
  mkdirSync(locks, { recursive: true });
  const id = `${PREFIX}-${randomBytes(8).toString('hex')}`;
  const lock = tryLock(join(locks, `${id}.lock`), { run });
  if (lock === undefined) throw new TypeError(`two sessions have the id ${id}`);
  return { id, isValid: () => lock.isHeld(), release: () => lock.release() };
}

/** Waits until no process collects. Call after `lockSession` and before relying on anything in the store. */
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
 * Runs `body` while no session can start. Throws a locked error if there is a session or another collector.
 *
 * @param body must call its argument before each step: that throws if this process was suspended for so long that it was
 * taken for dead, because sessions may have started
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

/** Living holder of any session or action lock. Action locks count because early versions take no session locks. */
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
/** Names of locks: of sessions, actions and the collector. */
const LOCK = /^((visit-[0-9a-f]{16}|[0-9a-f]{64})\.lock|gc\.collector)$/;
/** Whether a name in tmp/ belongs to an earlier version. */
const isUnowned = (name: string) => /^\d+-[0-9a-f-]{36}$/.test(name);
const DAY_MS = 24 * 3600 * 1000;

/** Session whose process never released its lock: it was killed, or its machine went down. */
export interface AbandonedSession {
  readonly holder: Holder;
  /** Number of its scratch files, already removed. */
  readonly files: number;
  readonly bytes: number;
}

/**
 * Removes what ended sessions left behind: scratch files, and locks of dead processes. A file that belongs to no session
 * comes from an earlier version or from breaking a lock, and is removed when it is a day old.
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
  // Locks go last, because they identify the owner of the files.
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

/** Number of files and bytes of a file, or of a folder with everything below it. */
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
