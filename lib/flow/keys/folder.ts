/**
 * Folders outside the store, as inputs. A folder is its listing: the names of all files and folders below it, sorted,
 * each file with the hash of its content. The hash of the folder is the SHA-256 of that text.
 *
 * Links are followed, and what they lead to counts under the name of the link. Hidden files count too, and so do empty
 * folders: a stage could see either.
 */
import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataError, type OperationalError } from '../../errors.ts';
import { denied } from '../../permission.ts';
import type { ContentHash } from './key.ts';

/** A file or folder below a folder. */
export interface FolderEntry {
  /** From the folder on, with slashes; that of a folder ends in one. */
  readonly name: string;
  readonly path: string;
  /** Of a file, in bytes; 0 of a folder. */
  readonly bytes: number;
  /** Where a link leads to; absent for what is no link. */
  readonly target?: string;
}

/** Hashes of files at once. */
const AT_ONCE = 8;

/**
 * All that lies below a folder, sorted by name (by code units).
 *
 * Data errors: no such folder; a file in its place; what may not be read; a link that leads nowhere or to a folder
 * that it lies in; what is neither file nor folder; a name that is not UTF-8.
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

/** The text that a folder is known by: a line for each entry, with the hash of its content if it is a file. */
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
