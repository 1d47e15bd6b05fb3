/**
 * Names for the outputs of a run. A name is a symbolic link, replaced in one rename, so that outputs of two configs are never
 * mixed. In a store without symbolic links (exFAT, SMB) it is a folder of hard links or copies, replaced in two renames, if
 * the user agrees. Files that the user keeps under a name, or put in its place, are never removed.
 */

import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { storeError } from '../../errors.ts';
import { isUnsupported, replace, syncFolder } from '../files/durable.ts';
import { entryAt, filesBelow, foldersAbove } from '../files/entry.ts';
import { linkFile } from '../files/link-file.ts';
import { hintOf } from '../hints.ts';
import { hashFileSync } from '../keys/stat-cache.ts';
import { SHOWN_RECORD, shownRecord } from '../store/layout.ts';
import type { Store } from '../store/store.ts';
import { isRunId, readManifestFile } from './run-files.ts';
import { isRemembered, rememberShown, type ShownFile, shownFiles, showsAll } from './shown.ts';

/** Folder of published outputs that a name shows; undefined if there is none, or if no run made it. */
export function shownFolder(store: Store, name: string): string | undefined {
  const found = entryAt(name);
  if (found?.isSymbolicLink()) {
    const folder = resolve(dirname(name), readlinkSync(name));
    return isOutputs(store, folder) ? folder : undefined;
  }
  return found?.isDirectory() && isRemembered(store, name) ? name : undefined;
}

function isOutputs(store: Store, folder: string): boolean {
  return isRunId(store.layout.runOfOutputs(folder) ?? '');
}

/**
 * Makes a name show the outputs of a run.
 *
 * @param name absolute path in the store
 * @param outputs absolute path of the folder in the store
 * @returns messages about user files that were moved out of the way
 */
export function show(store: Store, name: string, outputs: string): string[] {
  const before = shownFolder(store, name);
  const words = before === undefined ? clear(store, name) : [];
  if (before !== undefined && before !== outputs) words.push(...carryOver(store, before, outputs));
  if (store.usesLinks()) pointTo(store, name, outputs);
  else swapIn(store, name, outputs);
  syncFolder(dirname(name));
  return words;
}

/** Moves an entry that no run made out of the way. Returns a message about it, if any. */
function clear(store: Store, name: string): string[] {
  const found = entryAt(name);
  // A link to the outputs of a run was made by a run, even if it is dangling, and may be replaced.
  if (
    found === undefined ||
    (found.isSymbolicLink() && isOutputs(store, resolve(dirname(name), readlinkSync(name))))
  )
    return [];
  return [`${name} was not made by a run: moved to ${store.setAside(name)}`];
}

/**
 * Checks, before the work begins, that the outputs can be published. Throws a store error if the file system has no symbolic
 * links and the options do not allow folders.
 */
export function requireLinks(store: Store): void {
  if (!store.usesLinks()) return;
  const temporary = store.temporary();
  makeLink(store, 'nothing', temporary);
  rmSync(temporary);
}

function makeLink(store: Store, target: string, path: string): void {
  try {
    symlinkSync(target, path);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    throw storeError(
      'the file system of the store has no symbolic links, by which latest/ shows the last run',
      {
        expected: 'a file system with symbolic links',
        where: store.dir,
        hint: hintOf('noLinks'),
        cause: error,
      },
    );
  }
}

function pointTo(store: Store, name: string, outputs: string): void {
  const temporary = store.temporary();
  makeLink(store, relative(dirname(name), outputs), temporary); // relative to the final location, not to tmp/
  if (entryAt(name)?.isDirectory()) retire(store, name);
  replace(temporary, name);
}

/** Replaces the entry at a name by a new folder with the same files as `outputs`. */
function swapIn(store: Store, name: string, outputs: string): void {
  const temporary = store.temporary();
  copyTree(outputs, temporary);
  const found = entryAt(name);
  if (found?.isDirectory()) retire(store, name);
  else if (found !== undefined) rmSync(name); // a link from when the store used links
  renameSync(temporary, name);
  rememberShown(store, name, namesBelow(name));
}

function copyTree(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) copyTree(join(from, entry.name), join(to, entry.name));
    else linkFile(join(from, entry.name), join(to, entry.name));
  }
  syncFolder(to);
}

/** Names of all files below a folder, relative to it. */
const namesBelow = (folder: string) => [...filesBelow(folder)].map((path) => relative(folder, path));

/** Removes a published folder with all files whose bytes are in the store; moves any other files aside. */
function retire(store: Store, name: string): void {
  const old = store.temporary();
  renameSync(name, old);
  removeShown(store, old);
}

/** Files that a published folder should have by its run.json; undefined if that cannot be read. */
function contentsOf(store: Store, folder: string): ShownFile[] | undefined {
  const read = readManifestFile(shownRecord(folder));
  if (read.state !== 'whole') return undefined;
  try {
    return shownFiles(store, read.manifest.published ?? {}, folder);
  } catch {
    return undefined;
  }
}

/** Whether a published folder has all files listed by its run.json. */
export function isWhole(store: Store, folder: string): boolean {
  const contents = contentsOf(store, folder);
  return contents !== undefined && showsAll(folder, contents);
}

/** Moves user files in a published folder to its replacement. Returns messages about files that had to be moved aside. */
function carryOver(store: Store, from: string, to: string): string[] {
  const contents = contentsOf(store, from);
  if (contents === undefined) return [];
  const words: string[] = [];
  for (const name of othersIn(from, contents)) {
    const target = join(to, name);
    const isFree = entryAt(target) === undefined;
    if (isFree && entryAt(dirname(target))?.isDirectory()) {
      renameSync(join(from, name), target);
    } else
      words.push(`${join(from, name)} was not made by a run: moved to ${store.setAside(join(from, name))}`);
  }
  return words;
}

/** Names in a published folder that were not published; a folder without any published file counts once, as a whole. */
function othersIn(folder: string, contents: readonly ShownFile[]): string[] {
  const files = new Set([SHOWN_RECORD, ...contents.map(({ name }) => name)]);
  const folders = new Set(foldersAbove(files));
  const inside = (above: string): string[] =>
    readdirSync(join(folder, above), { withFileTypes: true }).flatMap((entry) => {
      const name = above === '' ? entry.name : `${above}/${entry.name}`;
      if (entry.isDirectory() && folders.has(name)) return inside(name);
      return files.has(name) && !entry.isDirectory() ? [] : [name];
    });
  return inside('');
}

/** Removes a name that shows outputs. Returns messages about user files that were moved out of the way. */
export function unshow(store: Store, name: string): string[] {
  const found = entryAt(name);
  if (found === undefined || shownFolder(store, name) === undefined) return [];
  if (!found.isDirectory()) {
    rmSync(name);
    return [];
  }
  const aside = removeShown(store, name);
  return aside === undefined ? [] : [`not all under ${name} was made by a run: moved to ${aside}`];
}

/**
 * Removes a published folder: the files named by its run.json whose bytes are in the store. Moves the rest aside.
 *
 * @returns the new path of the rest; undefined if there is none
 */
export function removeShown(store: Store, folder: string): string | undefined {
  const found = entryAt(folder);
  if (found === undefined) return undefined;
  if (!found.isDirectory()) return store.setAside(folder);
  const named = contentsOf(store, folder);
  const contents = named ?? storedIn(store, folder);
  const isOurs = (name: string) =>
    foldersAbove([name]).every((above) => entryAt(join(folder, above))?.isDirectory());
  for (const { name, hash } of contents) {
    // Files below a link belong to the user, whatever their content.
    if (isOurs(name) && isCopyOf(join(folder, name), store.objectPath(hash), hash))
      rmSync(join(folder, name));
  }
  if (named !== undefined) rmSync(shownRecord(folder), { force: true });
  removeEmpty(folder);
  return entryAt(folder) === undefined ? undefined : store.setAside(folder);
}

/** Files of a folder whose bytes are those of an object, for a folder without a readable run.json. */
function storedIn(store: Store, folder: string): ShownFile[] {
  return namesBelow(folder).flatMap((name) => {
    if (!lstatSync(join(folder, name)).isFile()) return [];
    const hash = hashFileSync(join(folder, name));
    return entryAt(store.objectPath(hash)) === undefined ? [] : [{ name, hash }];
  });
}

function isCopyOf(path: string, object: string, hash: string): boolean {
  const found = entryAt(path);
  if (found === undefined || !found.isFile()) return false;
  const stored = entryAt(object);
  return (stored?.ino === found.ino && stored.dev === found.dev) || hashFileSync(path) === hash;
}

/** Removes empty folders, from the innermost up to the given one. */
export function removeEmpty(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
