/**
 * Check that the files under `latest/` are still those that were published. The stat of each file (device, inode, size and
 * both times) is saved when its bytes are known to be right, so that an up-to-date run reads none of them. If the stat has
 * changed, the bytes decide.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeCache } from '../files/durable.ts';
import { entryAt, exactEntryAt, foldersAbove } from '../files/entry.ts';
import type { ContentHash } from '../keys/key.ts';
import { hashFile } from '../keys/stat-cache.ts';
import { manifestBeside, shownRecord } from '../store/layout.ts';
import type { PublishedOutput } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import { isObject } from '../store/stored-json.ts';
import { readListing, readManifestFile } from './run-files.ts';

/** File in a published folder: its name there, and the hash of its expected content. */
export interface ShownFile {
  readonly name: string;
  readonly hash: ContentHash;
}

/** Lists the files of published outputs, including each file of a folder. Throws if a list in the store is damaged. */
export function shownFiles(
  store: Pick<Store, 'objectPath'>,
  published: Readonly<Record<string, PublishedOutput>>,
  folder: string,
): ShownFile[] {
  return Object.entries(published).flatMap(
    ([name, { hash, folder: isFolder = isFolderAt(join(folder, name)) }]) => {
      if (!isFolder) return [{ name, hash }];
      return readListing(store.objectPath(hash)).map((file) => ({
        name: `${name}/${file.name}`,
        hash: file.hash,
      }));
    },
  );
}

const isFolderAt = (path: string) => entryAt(path)?.isDirectory() ?? false;

/** Saved stats of the files in a folder, by name, from when their bytes were known to be right. */
type Seen = ReadonlyMap<string, string>;

/** Maximum number of folders with saved stats, one for each study in use. */
const KEPT = 32;

/** Saves the stats of the files of a published folder, whose bytes are known to be right. */
export function rememberShown(store: Store, folder: string, names: Iterable<string>): void {
  const stats = [...names].flatMap((name) => {
    const stat = statText(join(folder, name));
    return stat === undefined ? [] : [[name, stat] as const];
  });
  saveSeen(store, folder, new Map(stats));
}

function saveSeen(store: Store, folder: string, seen: Seen): void {
  const name = store.layout.nameOf(folder);
  const others = Object.entries(readAll(store)).filter(([other]) => other !== name);
  const kept = [...others, [name, [...seen]]].slice(-KEPT);
  writeCache(store.layout.shownStats, JSON.stringify(Object.fromEntries(kept)), store.temporary());
}

function readAll(store: Store): Record<string, unknown> {
  try {
    const found = JSON.parse(readFileSync(store.layout.shownStats, 'utf8'));
    return isObject(found) ? found : {};
  } catch {
    return {};
  }
}

/** Whether a folder was published here, and not put there by a user: see `rememberShown`. */
export const isRemembered = (store: Store, folder: string) => seenIn(store, folder).size > 0;

function seenIn(store: Store, folder: string): Seen {
  const found = readAll(store)[store.layout.nameOf(folder)];
  const isPair = (one: unknown) => Array.isArray(one) && one.every((text) => typeof text === 'string');
  return new Map(Array.isArray(found) && found.every(isPair) ? (found as [string, string][]) : []);
}

function statText(path: string): string | undefined {
  const s = exactEntryAt(path);
  if (s === undefined || !s.isFile()) return undefined;
  return [s.dev, s.ino, s.size, s.mtimeNs, s.ctimeNs].join(' ');
}

/**
 * Repairs user changes in a published folder, before anything relies on it; publishing again then restores missing files.
 * A file edited there is the object itself (a hard link): it goes to quarantine, and its target makes it again. A file or
 * folder that replaced a published one belongs to the user, and is moved aside.
 *
 * @param folder absolute path of the folder with the outputs and run.json
 * @returns messages about the changes
 */
export async function mendShown(store: Store, folder: string): Promise<string[]> {
  const published = publishedIn(folder);
  if (published === undefined) return [];
  const seen = seenIn(store, folder);
  const files = Object.entries(published).flatMap(([name, output]) => filesIn(store, name, output, folder));
  const words = mendFolders(store, folder, files);
  const now = new Map<string, string>();
  let changed = false;
  for (const file of files) {
    const path = join(folder, file.name);
    const stat = statText(path);
    if (stat === undefined || stat !== seen.get(file.name)) {
      const word = await mend(store, path, file.hash);
      if (word !== undefined) words.push(word);
      changed ||= stat !== undefined || word !== undefined;
    }
    const right = statText(path);
    if (right !== undefined) now.set(file.name, right);
  }
  if (changed) saveSeen(store, folder, now);
  return words;
}

/** Outputs of a published folder, from its run.json or, if that was edited, from the manifest of its run. */
function publishedIn(folder: string): Readonly<Record<string, PublishedOutput>> | undefined {
  for (const file of [shownRecord(folder), manifestBeside(folder)]) {
    const read = readManifestFile(file);
    if (read.state === 'whole' && read.manifest.published !== undefined) return read.manifest.published;
  }
  return undefined;
}

function filesIn(store: Store, name: string, output: PublishedOutput, folder: string): ShownFile[] {
  try {
    return shownFiles(store, { [name]: output }, folder);
  } catch {
    return []; // its list is damaged or missing: the target is made again and published again
  }
}

/** Moves aside any entry that replaced a folder, before files below it are checked: a link leads to user files. */
function mendFolders(store: Store, folder: string, files: readonly ShownFile[]): string[] {
  return foldersAbove(files.map(({ name }) => name)).flatMap((name) => {
    const path = join(folder, name);
    const found = entryAt(path);
    if (found === undefined || found.isDirectory()) return [];
    return [`${path} is not what was published: moved to ${store.setAside(path)}`];
  });
}

/** Repairs one published file. Returns a message; undefined if the file is right or missing. */
async function mend(store: Store, path: string, hash: ContentHash): Promise<string | undefined> {
  const found = entryAt(path);
  if (found === undefined) return undefined;
  if (!found.isFile()) return `${path} is not what was published: moved to ${store.setAside(path)}`;
  if ((await hashFile(path)) === hash) return undefined;
  const object = entryAt(store.objectPath(hash));
  if (object === undefined || object.ino !== found.ino || object.dev !== found.dev) {
    return `${path} is not what was published: moved to ${store.setAside(path)}`;
  }
  store.quarantine(store.objectPath(hash), { detail: `it was edited as ${path}` });
  return `${path} was edited: what it held is in quarantine/, and it is made again`;
}

/** Whether a folder has all of these files. */
export function showsAll(folder: string, files: readonly ShownFile[]): boolean {
  return (
    foldersAbove(files.map(({ name }) => name)).every((name) => isFolderAt(join(folder, name))) &&
    files.every(({ name }) => statText(join(folder, name)) !== undefined)
  );
}
