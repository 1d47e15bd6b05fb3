/**
 * Writes that survive a crash: write → fsync → rename → fsync the folder. The parent of each new folder is synced too:
 * otherwise a power cut could remove the folder with everything that was synced inside.
 */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pLimit from 'p-limit';

export interface WriteOptions {
  /** Temporary path of the file until it is complete, on the same file system. Default: one beside it. */
  readonly temporary?: string;
  /** False for a file that a power cut may remove but never truncate. Default: true. */
  readonly durable?: boolean;
}

/** Replaces a file atomically: every reader, now or after a crash, sees the old bytes or the new, never a mix. */
export function writeFileAtomic(
  path: string,
  content: string,
  // Random, not a pid: in a container every process may have the same one.
  { temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`, durable = true }: WriteOptions = {},
): void {
  makeFolder(dirname(path));
  try {
    writeNewFile(temporary, content, durable);
    replace(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  if (durable) syncFolder(dirname(path));
}

/**
 * Writes a cache file. Ignores errors that only mean it cannot be kept, such as a full disk or missing permissions.
 */
export function writeCache(path: string, content: string, temporary?: string): void {
  try {
    writeFileAtomic(path, content, { durable: false, temporary });
  } catch (error) {
    if (!MAY_BE_LOST.has(codeOf(error))) throw error;
  }
}

/** Error codes that `writeCache` ignores: a full disk, missing permissions, a name that is taken or too long. */
const MAY_BE_LOST = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EPERM',
  'EISDIR',
  'ENOTDIR',
  'EEXIST',
  'ENOTEMPTY',
  'ENAMETOOLONG',
]);

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? '';

function writeNewFile(path: string, content: string, durable: boolean): void {
  const file = openSync(path, 'wx');
  try {
    const bytes = Buffer.from(content, 'utf8');
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    if (durable) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Renames a file over another one. On a file system that does not rename over an existing file, the old file is moved aside
 * first; then there is a moment with neither. A folder is never moved aside: only the caller knows whose it is.
 */
export function replace(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!['EEXIST', 'EPERM', 'EACCES'].includes(codeOf(error)) || !isFileOrLink(to)) throw error;
    const aside = `${to}.${randomBytes(4).toString('hex')}.old`;
    try {
      renameSync(to, aside);
    } catch {
      throw error; // the first error is clearer: usually a missing permission
    }
    try {
      renameSync(from, to);
    } catch (again) {
      renameSync(aside, to);
      throw again;
    }
    rmSync(aside, { force: true });
  }
}

function isFileOrLink(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isDirectory();
}

/** Makes a file read-only, if the file system supports permissions. */
export function protect(path: string): void {
  try {
    chmodSync(path, 0o444);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  }
}

/** Whether an error means that the file system lacks a feature (symbolic links, permissions, syncing of folders). */
export function isUnsupported(error: unknown): boolean {
  return ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'].includes(codeOf(error));
}

/** Makes a folder and its missing parents, durably. */
export function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) syncFolder(dirname(made));
}

/** Makes renames in a folder durable, if the file system can sync folders. */
export function syncFolder(path: string): void {
  syncOpened(path, isNoSync);
}

/** Makes the bytes of a file durable. */
export function syncFile(path: string): void {
  syncOpened(path, isUnsupported);
}

function syncOpened(path: string, isTolerated: (error: unknown) => boolean): void {
  try {
    const file = openSync(path, 'r');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (!isTolerated(error)) throw error;
  }
}

/**
 * Whether an error means that a folder cannot be synced: some systems do not open folders at all, and a folder that may be
 * written but not read cannot be synced either.
 */
function isNoSync(error: unknown): boolean {
  return isUnsupported(error) || ['EACCES', 'EISDIR', 'EBADF'].includes(codeOf(error));
}

const syncOpen = promisify(fsync);
/** Limit for concurrent syncs: enough for the file system to batch journal writes, far fewer than a process may have open. */
const someAtOnce = pLimit(32);

/** Syncs files or folders, many at a time. */
export async function syncPaths(paths: readonly string[], what: 'files' | 'folders'): Promise<void> {
  const isTolerated = what === 'folders' ? isNoSync : isUnsupported;
  const sync = async (path: string) => {
    try {
      const file = await patiently(() => openSync(path, 'r'));
      try {
        await syncOpen(file);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      if (!isTolerated(error)) throw error;
    }
  };
  await Promise.all([...new Set(paths)].map((path) => someAtOnce(() => sync(path))));
}

const PATIENCE_MS = 10_000;

/** Opens a file; if too many are open, waits up to about 10 s for others to be closed, because other threads open files too. */
export async function patiently<T>(open: () => T | Promise<T>): Promise<T> {
  for (let waitedMs = 0, pauseMs = 5; ; waitedMs += pauseMs, pauseMs = Math.min(2 * pauseMs, 500)) {
    try {
      return await open();
    } catch (error) {
      if (!['EMFILE', 'ENFILE'].includes(codeOf(error)) || waitedMs > PATIENCE_MS) throw error;
      await sleep(pauseMs);
    }
  }
}
