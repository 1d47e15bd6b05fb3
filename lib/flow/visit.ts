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
import { RankloomError } from '../errors.ts';
import { acquireLock, clearIfDead, isHeld, tryLock } from './lock.ts';

const COLLECTOR = 'gc.collector';
const POLL_MS = 100;

export interface Visit {
  /** Names what belongs to this visit in tmp/. */
  readonly id: string;
  leave(): void;
}

/** Shows that this process uses the store. Made without waiting: see `waitForCollector`. */
export function visit(store: string): Visit {
  mkdirSync(join(store, 'locks'), { recursive: true });
  const id = `visit-${randomBytes(8).toString('hex')}`;
  const lock = tryLock(join(store, 'locks', `${id}.lock`));
  if (lock === undefined) throw new TypeError(`two visits have the id ${id}`);
  return { id, leave: () => lock.release() };
}

/** Waits until nobody collects. To be called after `visit` and before anything in the store is relied on. */
export async function waitForCollector(store: string, signal?: AbortSignal): Promise<void> {
  while (isHeld(join(store, 'locks', COLLECTOR)) && !signal?.aborted) await sleep(POLL_MS);
}

/** Keeps visitors out while `body` runs. Throws a locked error if there is one, or another collector. */
export async function collecting<T>(store: string, body: () => T): Promise<T> {
  mkdirSync(join(store, 'locks'), { recursive: true }); // tools that copy stores leave out empty folders
  const lock = await acquireLock(join(store, 'locks'), COLLECTOR, () => true);
  if (lock === undefined) throw busy(store, 'another process collects in this store');
  try {
    if (isVisited(store)) throw busy(store, 'a run is at work in this store');
    return body();
  } finally {
    lock.release();
  }
}

/** Also the lock of an action counts: earlier versions of rankloom make no visits. */
function isVisited(store: string): boolean {
  return readdirSync(join(store, 'locks')).some(
    (name) => name.endsWith('.lock') && isHeld(join(store, 'locks', name)),
  );
}

function busy(store: string, message: string): RankloomError {
  return new RankloomError('locked', message, {
    where: store,
    hint: 'wait until it has ended, then collect again',
  });
}

const VISIT = /^visit-[0-9a-f]{16}/;
/** The locks that runs make: of visits, of actions, of a collector. */
const LOCK = /^((visit-[0-9a-f]{16}|[0-9a-f]{64})\.lock|gc\.collector)$/;
/** Names in tmp/ of earlier versions. */
const isNobodys = (name: string) => /^\d+-[0-9a-f-]{36}$/.test(name);
const DAY_MS = 24 * 3600 * 1000;

/**
 * Removes what visits that are over left behind: scratch files, and the locks of dead processes. What cannot
 * be ascribed to a visit is of an earlier version, or of a moment in which a lock was broken, and goes when it
 * is a day old.
 */
export async function sweep(store: string): Promise<void> {
  const locks = join(store, 'locks');
  const tmp = join(store, 'tmp');
  const living = new Map<string, boolean>();
  for (const name of readdirSync(tmp)) {
    const [id] = VISIT.exec(name) ?? [];
    if (id !== undefined && !living.has(id)) living.set(id, isHeld(join(locks, `${id}.lock`)));
    const isLeft = id === undefined ? isNobodys(name) && isOld(join(tmp, name)) : living.get(id) === false;
    if (isLeft) await rm(join(tmp, name), { recursive: true, force: true });
  }
  // Last, since the lock is what says that the files belong to nobody.
  for (const name of readdirSync(locks)) {
    const path = join(locks, name);
    if (/[0-9a-f]{12}\.(dead|clock|breaking)$/.test(name)) {
      if (isOld(path)) await rm(path, { recursive: true, force: true });
    } else if (LOCK.test(name)) clearIfDead(path);
  }
  const cache = join(store, 'cache');
  for (const name of readdirSync(cache)) {
    if (/\.json\.[0-9a-f]{12}\.tmp$/.test(name) && isOld(join(cache, name)))
      await rm(join(cache, name), { force: true });
  }
}

function isOld(path: string): boolean {
  try {
    return Date.now() - lstatSync(path).mtimeMs > DAY_MS;
  } catch {
    return false; // gone meanwhile
  }
}
