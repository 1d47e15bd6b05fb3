/** Listings of the folders of a store. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Lists the paths of the files in a sharded folder, in order: objects, records, texts of code. Shards are named by the first
 * two letters of their files. Leaves out any other file, which is not the store's.
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

/** Names in a folder; empty if it does not exist. */
export function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
