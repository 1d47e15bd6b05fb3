/** What lies under a name, not what a link there leads to. */
import { type BigIntStats, lstatSync, readdirSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';

/** Undefined if nothing does, also because one of the folders above is none. */
export function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    return orNothing(error);
  }
}

/** As `entryAt`, with times in nanoseconds. */
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

/** The folders above some names with slashes, each once, an outer one before what it holds. */
export function foldersAbove(names: Iterable<string>): string[] {
  const folders = new Set<string>();
  for (const name of names) for (let up = dirname(name); up !== '.'; up = dirname(up)) folders.add(up);
  return [...folders].sort();
}

/** The paths of all files below a folder. Links are not followed: what they lead to lies elsewhere. */
export function* filesBelow(folder: string): Iterable<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}
