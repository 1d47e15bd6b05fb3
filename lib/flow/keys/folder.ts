/**
 * Folders outside the store, as inputs. A folder is identified by its listing: the sorted names of all files and folders
 * below it, each file with its content hash. The hash of the folder is the SHA-256 of that text.
 *
 * Links are followed; their targets count under the name of the link. Hidden files and empty folders count too, because a
 * stage could see them.
 */
import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataError, type OperationalError } from '../../errors.ts';
import { denied } from '../../permission.ts';
import type { ContentHash } from './key.ts';

/** A file or folder below a folder. */
export interface FolderEntry {
  /** Name relative to the folder, with slashes; a folder's name ends in one. */
  readonly name: string;
  readonly path: string;
  /** Size of a file in bytes; 0 for a folder. */
  readonly bytes: number;
  /** Real path of a link's target; absent for an entry that is no link. */
  readonly target?: string;
}

/** Number of files hashed at once. */
const AT_ONCE = 8;

/**
 * Lists all files and folders below a folder, sorted by name (by code units).
 *
 * Throws a data error for a missing folder, a file in its place, an unreadable entry, a dangling or circular link, an entry
 * that is neither file nor folder, and a name that is not UTF-8.
 */
export function listFolder(folder: string): FolderEntry[] {
  const found: FolderEntry[] = [];
  const visit = (at: string, prefix: string, above: readonly string[]) => {
    for (const entry of entriesOf(at)) {
      const path = join(at, entry.name);
      if (entry.name.includes('\ufffd')) {
        throw dataError(`a name in the folder ${at} is not UTF-8: ${entry.name}`, {
          expected: 'names that are text',
          where: path,
          hint: 'rename the file',
        });
      }
      const stat = statOf(path, entry);
      const target = entry.isSymbolicLink() ? realpathSync(path) : undefined;
      const name = `${prefix}${entry.name}`;
      if (stat.isFile()) found.push({ name, path, bytes: stat.size, target });
      else if (stat.isDirectory()) {
        const own = target ?? join(above.at(-1)!, entry.name);
        if (above.includes(own)) throw circle(path, own);
        found.push({ name: `${name}/`, path, bytes: 0, target });
        visit(path, `${name}/`, [...above, own]);
      } else {
        throw dataError(`${path} is neither a file nor a folder`, {
          expected: 'files and folders, and links to them',
          where: path,
        });
      }
    }
  };
  const stat = statOf(folder);
  if (!stat.isDirectory()) {
    throw dataError(`${folder} is not a folder`, { expected: 'a folder', where: folder });
  }
  visit(folder, '', [realpathSync(folder)]);
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Listing that identifies a folder: one line per entry, with the content hash of a file. */
export async function folderListing(
  folder: string,
  hashOf: (path: string) => Promise<ContentHash>,
): Promise<string> {
  const entries = listFolder(folder);
  const hashes: string[] = [];
  for (let start = 0; start < entries.length; start += AT_ONCE) {
    const some = entries.slice(start, start + AT_ONCE);
    hashes.push(...(await Promise.all(some.map((one) => (isFolderName(one.name) ? '' : hashOf(one.path))))));
  }
  return entries.map(({ name }, i) => `${JSON.stringify([name, hashes[i]])}\n`).join('');
}

export function listingHash(text: string): ContentHash {
  return createHash('sha256').update(text).digest('hex') as ContentHash;
}

/** Names of files and folders that differ between two listings. */
export interface FolderChange {
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export function folderChange(before: string, now: string): FolderChange {
  const [old, current] = [before, now].map(
    (text) =>
      new Map(
        text
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as [string, string]),
      ),
  );
  const names = [...current.keys()];
  return {
    changed: names.filter((name) => old.has(name) && old.get(name) !== current.get(name)),
    added: names.filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !current.has(name)),
  };
}

const isFolderName = (name: string) => name.endsWith('/');

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw closed(folder, error, 'list') ?? error;
  }
}

function statOf(path: string, entry?: Dirent): Stats {
  try {
    return statSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') throw circle(path, path);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw closed(path, error, 'read') ?? error;
    if (entry?.isSymbolicLink()) {
      throw dataError(`${path} is a link that leads nowhere`, {
        expected: 'links to files and folders that exist',
        where: path,
      });
    }
    const what = entry === undefined ? 'folder' : 'file';
    throw dataError(`no such ${what}: ${path}`, {
      expected: `a ${what} that exists`,
      where: path,
      hint: 'check the path; a relative path counts from the folder of the config',
    });
  }
}

const circle = (path: string, target: string): OperationalError =>
  dataError(`${path} is a link that leads back to ${target}: the folder would have no end`, {
    expected: 'links that lead out of the folders they lie in',
    where: path,
  });

function closed(path: string, error: unknown, doing: string): OperationalError | undefined {
  const refused = denied(error, doing);
  if (refused === undefined) return undefined;
  return dataError(refused.message, {
    expected: 'a folder whose files may all be read',
    where: path,
    hint: 'ask its owner for permission (chmod, chown), or take a copy that is yours',
  });
}
