/**
 * Who is in the store. A visit is a lock file that its process holds while it uses the store: `gc` removes
 * nothing while there is one, and scratch files belong to a visit, so that it is known when nobody wants them
 * any more.
 *
 * A visitor first shows itself and then looks for a collector; a collector first shows itself and then looks for
 * visitors. So at least one of two that come at once sees the other: the collector gives way, the visitor waits.
 */
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RankloomError } from '../../errors.ts';
import { holderAdvice, holderName } from './holder-words.ts';
import { acquireLock, beatIfDue, clearIfDead, isHeld, livingHolder, type OnWait, tryLock } from './lock.ts';
import type { Holder } from './lock-owner.ts';

const COLLECTOR = 'gc.collector';
const POLL_MS = 100;
const UNNOTICED_MS = 2_000;

export interface Visit {
  /** Names what belongs to this visit in tmp/. */
  readonly id: string;
  /** False if another process took this one for dead, and cleared away what it had here. */
  isValid(): boolean;
  leave(): void;
}

/**
 * Shows that this process uses the store. Made without waiting: see `waitForCollector`.
 *
 * @param run the run that it is for, so that it can be named if it never ends
 */
export function visit(store: string, run?: string): Visit {
  mkdirSync(join(store, 'locks'), { recursive: true });
  const id = `visit-${randomBytes(8).toString('hex')}`;
  const lock = tryLock(join(store, 'locks', `${id}.lock`), { run });
  if (lock === undefined) throw new TypeError(`two visits have the id ${id}`);
  return { id, isValid: () => lock.isHeld(), leave: () => lock.release() };
}

/** Waits until nobody collects. To be called after `visit` and before anything in the store is relied on. */
export async function waitForCollector(store: string, signal?: AbortSignal, onWait?: OnWait): Promise<void> {
  const start = performance.now();
  for (;;) {
    const collector = livingHolder(join(store, 'locks', COLLECTOR));
    if (collector === undefined || signal?.aborted) return;
    const waitedMs = performance.now() - start;
    if (waitedMs > UNNOTICED_MS) onWait?.(collector, waitedMs);
    await sleep(POLL_MS);
  }
}

/**
 * Keeps visitors out while `body` runs. Throws a locked error if there is one, or another collector.
 *
 * @param body calls what it is given before each step: that throws if this process was asleep for so long that it was
 * taken for dead, and visitors may be there by now
 */
export async function collecting<T>(store: string, body: (still: () => void) => T): Promise<T> {
  mkdirSync(join(store, 'locks'), { recursive: true }); // tools that copy stores leave out empty folders
  const lock = await acquireLock(join(store, 'locks'), COLLECTOR, () => true);
  if (lock === undefined) {
    const collector = livingHolder(join(store, 'locks', COLLECTOR));
    throw busy(store, 'another process collects in this store', collector);
  }
  try {
    const visitor = visitorOf(store);
    if (visitor !== undefined) throw busy(store, 'a run is at work in this store', visitor);
    return body(() => {
      if (!lock.isHeld())
        throw busy(store, 'this process was silent for so long that another took it for dead');
      beatIfDue();
    });
  } finally {
    lock.release();
  }
}

/** Also the lock of an action counts: earlier versions make no visits. */
function visitorOf(store: string): Holder | undefined {
  for (const name of readdirSync(join(store, 'locks'))) {
    const holder = name.endsWith('.lock') ? livingHolder(join(store, 'locks', name)) : undefined;
    if (holder !== undefined) return holder;
  }
  return undefined;
}

function busy(store: string, message: string, holder?: Holder): RankloomError {
  const who = holder === undefined ? '' : `: ${holderName(holder)}`;
  const advice = holder === undefined ? '' : `; ${holderAdvice(holder)}`;
  return new RankloomError('locked', `${message}${who}`, {
    where: store,
    hint: `wait until it has ended, then collect again${advice}`,
  });
}

const VISIT = /^visit-[0-9a-f]{16}/;
/** The locks that runs make: of visits, of actions, of a collector. */
const LOCK = /^((visit-[0-9a-f]{16}|[0-9a-f]{64})\.lock|gc\.collector)$/;
/** Names in tmp/ of earlier versions. */
const isNobodys = (name: string) => /^\d+-[0-9a-f-]{36}$/.test(name);
const DAY_MS = 24 * 3600 * 1000;

/** What a process left behind that never left the store: it was killed, or its machine went down. */
export interface Departed {
  readonly holder: Holder;
  /** Its scratch files, which are removed by now. */
  readonly files: number;
  readonly bytes: number;
}

/**
 * Removes what visits that are over left behind: scratch files, and the locks of dead processes. What cannot
 * be ascribed to a visit is of an earlier version, or of a moment in which a lock was broken, and goes when it
 * is a day old.
 */
export async function sweep(store: string): Promise<Departed[]> {
  const locks = join(store, 'locks');
  const tmp = join(store, 'tmp');
  const living = new Map<string, boolean>();
  const left = new Map<string, { files: number; bytes: number }>();
  for (const name of readdirSync(tmp)) {
    const [id] = VISIT.exec(name) ?? [];
    if (id !== undefined && !living.has(id)) living.set(id, isHeld(join(locks, `${id}.lock`)));
    const isLeft = id === undefined ? isNobodys(name) && isOld(join(tmp, name)) : living.get(id) === false;
    if (!isLeft) continue;
    if (id !== undefined) {
      const size = sizeOf(join(tmp, name));
      const sum = left.get(id) ?? { files: 0, bytes: 0 };
      left.set(id, { files: sum.files + size.files, bytes: sum.bytes + size.bytes });
    }
    await rm(join(tmp, name), { recursive: true, force: true });
  }
  const departed: Departed[] = [];
  // Last, since the lock is what says that the files belong to nobody.
  for (const name of readdirSync(locks)) {
    const path = join(locks, name);
    if (/[0-9a-f]{12}\.(dead|clock|breaking)$/.test(name)) {
      if (isOld(path)) await rm(path, { recursive: true, force: true });
      continue;
    }
    const holder = LOCK.test(name) ? clearIfDead(path) : undefined;
    const [id] = VISIT.exec(name) ?? [];
    if (holder === undefined || id === undefined) continue;
    departed.push({ holder, ...(left.get(id) ?? { files: 0, bytes: 0 }) });
  }
  const cache = join(store, 'cache');
  for (const name of readdirSync(cache)) {
    if (/\.json\.[0-9a-f]{12}\.tmp$/.test(name) && isOld(join(cache, name)))
      await rm(join(cache, name), { force: true });
  }
  return departed;
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
