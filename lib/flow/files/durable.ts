/**
 * Writes that survive a crash: write → fsync → rename → fsync the folder. A folder that is made on the way is
 * made durable in its parent too: else a power cut could take it away with all that was synced inside.
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
  /** The file's name until it is whole, on the same file system. Default: one beside it. */
  readonly temporary?: string;
  /** False for what may be lost in a power cut, but never be half there. Default: true. */
  readonly durable?: boolean;
}

/** Replaces a file so that every reader, now or after a crash, sees the old bytes or the new, never a mix. */
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
 * Writes a file that only saves time. That it cannot be kept (a full disk, a place without permission) is no
 * reason to fail.
 */
export function writeCache(path: string, content: string, temporary?: string): void {
  try {
    writeFileAtomic(path, content, { durable: false, temporary });
  } catch (error) {
    if (!MAY_BE_LOST.has(codeOf(error))) throw error;
  }
}

/** A full disk, a place without permission, a name in the way or too long. */
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
 * Renames a file over another one. Where a file system does not rename over what is there, the other makes way first;
 * then there is a moment without either. A folder never makes way: it is for the caller to know whose it is.
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
      throw error; // the first says it better: no permission, mostly
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

/** Takes the permission to write from a file, where the file system knows permissions. */
export function protect(path: string): void {
  try {
    chmodSync(path, 0o444);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  }
}

/** Whether a file system says by this error that it has no such thing (symbolic links, permissions, synced folders). */
export function isUnsupported(error: unknown): boolean {
  return ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'].includes(codeOf(error));
}

/** As `mkdir -p`, durable. */
export function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) syncFolder(dirname(made));
}

/** Makes a rename in this folder durable, where the file system can sync folders. */
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

/** Some systems do not open folders at all; a folder that may be written but not read cannot be synced either. */
function isNoSync(error: unknown): boolean {
  return isUnsupported(error) || ['EACCES', 'EISDIR', 'EBADF'].includes(codeOf(error));
}

const syncOpen = promisify(fsync);
/** Enough for a file system to write its journal once for many, and far fewer than a process may have open. */
const someAtOnce = pLimit(32);

/** Syncs files, or folders, many at a time. */
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

/** Opens a file, waiting for others to be closed where too many are open: other threads have theirs. */
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
