/** Writing to paths that the user names. Failure is never a bug of the program: it is reported with place and reason. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { OperationalError, storeError, usageError } from '../../errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EEXIST: 'there is a file in its place',
  ENOTDIR: 'a part of its path is a file',
  EISDIR: 'it is a folder',
  ENOENT: 'no such folder',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead round in a circle',
  EROFS: 'its file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EINVAL: 'no name for a file',
  ERR_INVALID_ARG_VALUE: 'no name for a file',
};

/** Runs a write to a path; throws a store error if the system refuses it. */
export function writingTo<T>(path: string, write: () => T): T {
  if (path.trim() === '' || path.includes('\0')) {
    throw usageError(`${JSON.stringify(path)} names no file or folder`, { expected: 'a path' });
  }
  try {
    return write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof OperationalError || code === undefined) throw error;
    throw storeError(`cannot write ${path}: ${REASONS[code] ?? (error as Error).message}`, {
      where: (error as NodeJS.ErrnoException).path,
      hint: 'choose another place, or see to its permissions',
      cause: error,
    });
  }
}

/**
 * Makes a folder and its parents, like `mkdir -p`. Node's own `recursive` never returns where the system denies that a
 * parent exists (/proc).
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) return;
    throw Object.assign(new Error(`${path} is not a folder`), { code: 'EEXIST', path });
  }
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was quicker
  }
}
