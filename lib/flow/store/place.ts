/** Preparation and checks of a store's folder. */

import { accessSync, constants, existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OperationalError, storeError } from '../../errors.ts';
import { denied, may, mayRemove, whose } from '../../permission.ts';
import { hintOf } from '../hints.ts';
import type { StoreLayout } from './layout.ts';
import { mark, newerStore, notAStore, recognise } from './recognise.ts';

const USABLE = constants.R_OK | constants.W_OK | constants.X_OK;

/**
 * Creates a store's folders and marks it as a store. Throws a usage error for a folder with other files in it, and a store
 * error if the folder cannot be written or is a store of a later version.
 */
export function prepareStore(layout: StoreLayout): void {
  const { dir } = layout;
  try {
    requireTarget(dir);
    makeStoreFolder(dir);
    const found = recognise(dir);
    if (found.state === 'newer') throw newerStore(dir, found.version);
    if (found.state === 'foreign') throw notAStore(dir, found.found);
    if (found.state !== 'store') mark(layout);
    for (const folder of layout.folders) {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, USABLE);
    }
    accessSync(dir, USABLE);
  } catch (error) {
    if (error instanceof OperationalError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const why = denied(error)?.message ?? READABLE[code ?? ''] ?? message;
    throw storeError(`cannot write to the store ${dir}: ${why}`, {
      expected: 'a folder that can be created and written',
      hint: hintOf('closedStore'),
      cause: error,
    });
  }
}

const READABLE: Readonly<Record<string, string>> = {
  EROFS: 'its file system is read-only',
  EEXIST: 'a file has the name of one of its folders',
  ENOTDIR: 'a part of its path is a file',
};

/**
 * Checks, before the work begins, that all folders of the store can be written: another user may have created some. Throws a
 * store error if not.
 */
export function requireWritable({ dir, objects, actions, latest }: StoreLayout): void {
  const shards = [objects, actions].flatMap((home) => readdirSync(home).map((shard) => join(home, shard)));
  const closed = shards.filter((folder) => !may(folder, USABLE));
  if (!mayRemove(latest)) closed.push(latest);
  if (closed.length === 0) return;
  const others = closed.length === 1 ? '' : ` (and ${closed.length - 1} more)`;
  throw storeError(`no permission to write to ${closed[0]}${others}${whose(closed[0])}`, {
    expected: 'a store in which every folder can be written',
    where: dir,
    hint: hintOf('othersStore'),
  });
}

/** Throws for a dangling link: a store whose disk is not mounted must not be mistaken for a new one. */
function requireTarget(dir: string): void {
  if (existsSync(dir)) return;
  let target: string;
  try {
    if (!lstatSync(dir).isSymbolicLink()) return;
    target = readlinkSync(dir);
  } catch {
    return; // nothing exists at this path
  }
  throw new Error(`it is a link to ${target}, which is not there (is its disk mounted?)`);
}

/** Checks that a folder is a readable store. Throws a store error if not, and a usage error for a folder with other files. */
export function requireStore({ dir, objects, actions }: StoreLayout): void {
  try {
    for (const folder of [objects, actions]) accessSync(folder, constants.R_OK | constants.X_OK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is none' : (denied(error)?.message ?? message);
    throw storeError(`cannot read the shared store ${dir}: ${why}`, {
      expected: 'a folder that a run has made, with objects/ and actions/',
      hint: hintOf('sharedStore'),
      cause: error,
    });
  }
  const found = recognise(dir);
  if (found.state === 'newer') throw newerStore(dir, found.version);
  if (found.state === 'foreign') throw notAStore(dir, found.found);
}

/** Creates a folder with its parents. Node's `recursive` never returns if the system denies that a parent exists (/proc). */
function makeStoreFolder(path: string): void {
  if (existsSync(path)) return;
  makeStoreFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
