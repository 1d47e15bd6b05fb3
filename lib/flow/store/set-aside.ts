/**
 * Folder for user files that are in the way: `set-aside/`, under their original names. They are never removed
 * automatically.
 */
import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../files/durable.ts';
import type { StoreLayout } from './layout.ts';

/** Moves a file, link or folder in a store to set-aside/. Returns its new path. */
export function setAside(layout: StoreLayout, path: string): string {
  const stamp = new Date().toISOString().replace(/[:.]/g, '-');
  const to = join(layout.setAside, `${stamp}-${randomBytes(3).toString('hex')}`, layout.nameOf(path));
  makeFolder(dirname(to));
  renameSync(path, to);
  return to;
}
