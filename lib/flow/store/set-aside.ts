/**
 * Where things of the user's go that stand in the way: `set-aside/`, under the names that they had. Nothing removes
 * them from there.
 */
import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { makeFolder } from '../files/durable.ts';

/** Moves a file, link or folder of a store out of the way. Returns where it is now. */
export function setAside(store: string, path: string): string {
  const stamp = new Date().toISOString().replace(/[:.]/g, '-');
  const to = join(store, 'set-aside', `${stamp}-${randomBytes(3).toString('hex')}`, relative(store, path));
  makeFolder(dirname(to));
  renameSync(path, to);
  return to;
}
