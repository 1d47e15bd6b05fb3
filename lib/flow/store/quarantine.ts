/**
 * Quarantine of damaged files: `quarantine/`, with a note about the damage of each. Nothing is read from there; the files
 * are for diagnosing a disk, and `gc` removes old ones.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeFolder, syncFolder, writeFileAtomic } from '../files/durable.ts';
import { filesBelow } from '../files/entry.ts';
import type { StoreLayout } from './layout.ts';

export interface Wrong {
  /** Description of the damage. */
  readonly detail: string;
  /** Targets whose records name the object. */
  readonly usedBy?: readonly string[];
}

/** Moves a file, or any entry in its place, to quarantine/. Does nothing if it no longer exists. */
export function quarantine(layout: StoreLayout, file: string, wrong: Wrong): void {
  if (!inodeOf(file).isThere) return;
  const folder = layout.quarantine;
  makeFolder(folder);
  const name = `${basename(file)}.${randomBytes(4).toString('hex')}`;
  const note = { was: layout.nameOf(file), found: new Date().toISOString(), ...wrong };
  writeFileAtomic(join(folder, `${name}.why.json`), `${JSON.stringify(note, null, 2)}\n`);
  dropOtherNames(layout, file);
  try {
    renameSync(file, join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // another process was quicker
  }
  syncFolder(folder);
}

/** Whether a name in quarantine/ is that of a quarantined file or its note. */
export function isQuarantined(name: string): boolean {
  return /\.[0-9a-f]{8}(\.why\.json)?$/.test(name);
}

/**
 * Removes other hard links of a damaged object: `latest/`, earlier runs and folder views link to objects, and must not show
 * damaged ones. The next run publishes again.
 */
function dropOtherNames({ runs, views }: StoreLayout, file: string): void {
  const { dev, ino, nlink, isFile } = inodeOf(file);
  if (!isFile || nlink < 2) return;
  for (const home of [runs, views]) {
    if (!existsSync(home)) continue;
    for (const path of filesBelow(home)) {
      const other = inodeOf(path);
      if (other.isFile && other.ino === ino && other.dev === dev) rmSync(path, { force: true });
    }
  }
}

function inodeOf(path: string) {
  try {
    const stat = lstatSync(path);
    return { dev: stat.dev, ino: stat.ino, nlink: stat.nlink, isFile: stat.isFile(), isThere: true };
  } catch {
    return { dev: 0, ino: 0, nlink: 0, isFile: false, isThere: false };
  }
}
