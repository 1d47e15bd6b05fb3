/**
 * Copies objects from a shared store, which is only read: by a hard link if both stores are on one file system, else by a
 * copy. The bytes are hashed in either case, because a store is only trusted as far as it was checked.
 */
import { chmodSync, constants, copyFileSync, linkSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder, replace, syncFile, syncFolder } from '../files/durable.ts';
import type { ContentHash } from '../keys/key.ts';
import { hashFileSync } from '../keys/stat-cache.ts';

/** Copies one object into the store. Returns the problem if its hash is wrong; then nothing was copied. */
export function pullObject(from: string, to: string, hash: ContentHash, scratch: string): string | undefined {
  try {
    linkOrCopy(from, scratch);
    const found = hashFileSync(scratch);
    if (found !== hash)
      return `object ${hash.slice(0, 12)} of the shared store has the hash ${found.slice(0, 12)}`;
    makeFolder(dirname(to));
    replace(scratch, to);
    syncFolder(dirname(to));
    return undefined;
  } finally {
    rmSync(scratch, { force: true });
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
    chmodSync(to, 0o444);
    syncFile(to);
  }
}
