/** What lies in the folders of a store. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * The files of a folder whose files lie in folders named by their first two letters: objects, records, texts of code.
 * Others are not the store's, and left out. Paths, in order.
 */
export function listShards(folder: string): string[] {
  return shardFiles(folder).filter((file) => {
    const name = basename(file);
    return /^[0-9a-f]{64}(\.json)?$/.test(name) && basename(dirname(file)) === name.slice(0, 2);
  });
}

function shardFiles(folder: string): string[] {
  return listNames(folder)
    .sort()
    .flatMap((shard) =>
      listNames(join(folder, shard))
        .sort()
        .map((name) => join(folder, shard, name)),
    );
}

/** The names in a folder; none if it is not there. */
export function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
