/**
 * Takes objects over from a shared store, which is only read: by a second name for the file where both stores
 * lie on one file system, else by a copy. Either way the bytes are hashed: a store can only be trusted as far
 * as it was looked at.
 */
import { chmodSync, constants, copyFileSync, linkSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder, replace, syncFile, syncFolder } from '../files/durable.ts';
import type { ContentHash } from '../keys/key.ts';
import { hashFileSync } from '../keys/stat-cache.ts';

/** Brings one object in. Returns what is wrong with it, if anything is; then nothing was brought in. */
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
