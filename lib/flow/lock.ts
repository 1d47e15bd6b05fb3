/**
 * One lock file for one action: a second process that wants the same action waits and then finds the result.
 * A lock says who holds it by pid, start time of that pid and boot id, so that the lock of a dead process is
 * known as such even if its pid was given to another, and is taken over.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

interface Owner {
  pid: number;
  startTime: string;
  boot: string;
  host: string;
}

/** A lock of another host or container cannot be probed; it counts as dead if nobody has touched it for long. */
const FOREIGN_TIMEOUT_MS = 24 * 3600 * 1000;
const POLL_MS = 100;

export interface Lock {
  release(): void;
}

/**
 * Takes the lock, waiting as long as a living process holds it. `isDone` is asked while waiting: once it says
 * yes, there is nothing left to do, and undefined is returned.
 */
export async function acquireLock(
  folder: string,
  name: string,
  isDone: () => boolean,
  signal?: AbortSignal,
): Promise<Lock | undefined> {
  const path = join(folder, name);
  for (;;) {
    if (tryCreate(path)) return { release: () => rmSync(path, { force: true }) };
    if (!isAlive(path)) {
      breakLock(path);
      continue;
    }
    if (isDone()) return undefined;
    await sleep(POLL_MS, undefined, { signal });
  }
}

function tryCreate(path: string): boolean {
  try {
    const file = openSync(path, 'wx');
    try {
      writeSync(file, JSON.stringify(self()));
    } finally {
      closeSync(file);
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether a living process holds this lock. */
export function isHeld(path: string): boolean {
  return existsSync(path) && isAlive(path);
}

function isAlive(path: string): boolean {
  let owner: Owner;
  try {
    owner = JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true; // just released: try again
    return ageMs(path) < 2000; // created but not yet written, or cut off by a crash
  }
  const me = self();
  if (owner.host !== me.host) return ageMs(path) < FOREIGN_TIMEOUT_MS;
  if (owner.boot !== me.boot) return false;
  const start = startTimeOf(owner.pid);
  return start !== undefined && start === owner.startTime;
}

/**
 * Removes a dead lock. Between seeing that a lock is dead and removing it, another process may have replaced
 * it with a living one; so breakers exclude each other by a folder, and look again inside.
 */
function breakLock(path: string): void {
  const guard = `${path}.breaking`;
  try {
    mkdirSync(guard);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (ageMs(guard) > 10_000) rmdirSync(guard); // its breaker died at work
    return;
  }
  try {
    if (!isAlive(path)) rmSync(path, { force: true });
  } finally {
    rmdirSync(guard);
  }
}

function ageMs(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

let cachedSelf: Owner | undefined;
function self(): Owner {
  cachedSelf ??= {
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? '',
    boot: readOr('/proc/sys/kernel/random/boot_id', ''),
    host: hostname(),
  };
  return cachedSelf;
}

/** When a process started, in the kernel's ticks; undefined if there is no such process. */
function startTimeOf(pid: number): string | undefined {
  const stat = readOr(`/proc/${pid}/stat`, undefined);
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  if (process.platform === 'linux') return undefined;
  try {
    process.kill(pid, 0); // no /proc here: that the pid exists is all that can be known
    return '';
  } catch {
    return undefined;
  }
}

function readOr<T>(path: string, otherwise: T): string | T {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return otherwise;
  }
}
