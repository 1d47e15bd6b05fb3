/** Directory entries, without following links. */
import { type BigIntStats, lstatSync, readdirSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';

/** Stats of the entry at a path; undefined if there is none, also if a parent is not a folder. */
export function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    return orNothing(error);
  }
}

/** Stats of the entry at a path, like `entryAt`, with times in nanoseconds. */
export function exactEntryAt(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true });
  } catch (error) {
    return orNothing(error);
  }
}

function orNothing(error: unknown): undefined {
  if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
  throw error;
}

/** Folders above slash-separated relative names, each once, outer folders before inner ones. */
export function foldersAbove(names: Iterable<string>): string[] {
  const folders = new Set<string>();
  for (const name of names) for (let up = dirname(name); up !== '.'; up = dirname(up)) folders.add(up);
  return [...folders].sort();
}

/** Paths of all files below a folder. Links are not followed, because their targets may be elsewhere. */
export function* filesBelow(folder: string): Iterable<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}
