/**
 * Where things of the user's go that stand in the way: `set-aside/`, under the names that they had. Nothing removes
 * them from there.
 */
import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../files/durable.ts';
import type { StoreLayout } from './layout.ts';

/** Moves a file, link or folder of a store out of the way. Returns where it is now. */
export function setAside(layout: StoreLayout, path: string): string {
  const stamp = new Date().toISOString().replace(/[:.]/g, '-');
  const to = join(layout.setAside, `${stamp}-${randomBytes(3).toString('hex')}`, layout.nameOf(path));
  makeFolder(dirname(to));
  renameSync(path, to);
  return to;
}
