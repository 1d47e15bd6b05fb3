/**
 * Writes that survive a crash: write → fsync → rename → fsync the folder. A folder that is made on the way is
 * made durable in its parent too: else a power cut could take it away with all that was synced inside.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

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
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM'].includes(code)) throw error;
  }
}

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

/** Renames a file over whatever is there. Only a folder does not make way for a file by itself. */
export function replace(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!isFolderInTheWay(error)) throw error;
    rmSync(to, { force: true, recursive: true });
    renameSync(from, to);
  }
}

function isFolderInTheWay(error: unknown): boolean {
  return ['EISDIR', 'ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** As `mkdir -p`, durable. */
export function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) syncFolder(dirname(made));
}

/** Makes a rename in this folder durable. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

export function syncFile(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
