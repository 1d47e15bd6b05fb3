/** Is everything in the store what it says it is? Reads every byte. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type ActionKey, type ContentHash, KEY_SCHEMA } from './key.ts';
import { hashFile } from './stat-cache.ts';
import type { ActionRecord, Store } from './store.ts';

export type Damage =
  /** An object whose bytes are not those of its name. */
  | {
      readonly kind: 'object';
      readonly hash: string;
      readonly detail: string;
      readonly usedBy: readonly string[];
    }
  /** An object that a record names and that is not there. */
  | { readonly kind: 'missing'; readonly hash: string; readonly usedBy: readonly string[] }
  /** A file among the records that is not a record, or not that of its name. */
  | { readonly kind: 'record'; readonly file: string; readonly detail: string };

export interface Verification {
  readonly objects: number;
  readonly bytes: number;
  readonly records: number;
  readonly damage: readonly Damage[];
}

/**
 * Rehashes all objects and reads all records. Unless `dryRun`, damaged objects and records, and the records
 * that name what is damaged or missing, are moved to `quarantine/`: the store is whole again, and the next run
 * makes again what it needs.
 */
export async function verify(
  store: Store,
  {
    dryRun = false,
    onProgress = () => {},
  }: { dryRun?: boolean; onProgress?: (done: number, total: number) => void } = {},
): Promise<Verification> {
  const damage: Damage[] = [];
  const users = new Map<string, { file: string; target: string }[]>();
  const records = listFiles(join(store.dir, 'actions'));
  for (const file of records) {
    const found = readRecord(file);
    if (typeof found === 'string') {
      damage.push({ kind: 'record', file, detail: found });
      if (!dryRun) quarantine(store, file);
      continue;
    }
    for (const hash of hashesOf(found)) {
      users.set(hash, [...(users.get(hash) ?? []), { file, target: found.target }]);
    }
  }

  const objects = listFiles(join(store.dir, 'objects'));
  const present = new Set<string>();
  let bytes = 0;
  for (const [i, file] of objects.entries()) {
    onProgress(i, objects.length);
    const name = file.slice(file.lastIndexOf('/') + 1);
    const stat = lstatSync(file);
    const isFile = stat.isFile();
    const hash = isFile ? await hashFile(file) : undefined;
    present.add(name);
    if (isFile) bytes += stat.size;
    if (hash === name) continue;
    const detail = hash === undefined ? 'is not a file' : `its content has the hash ${hash}`;
    damage.push({ kind: 'object', hash: name, detail, usedBy: targetsOf(users.get(name)) });
    if (!dryRun) quarantine(store, file);
  }
  for (const [hash, usedBy] of users) {
    if (!present.has(hash)) damage.push({ kind: 'missing', hash, usedBy: targetsOf(usedBy) });
  }
  if (!dryRun) {
    const dangling = damage.flatMap((d) =>
      d.kind === 'record' ? [] : (users.get(d.hash) ?? []).map((u) => u.file),
    );
    for (const file of new Set(dangling)) quarantine(store, file);
  }
  return { objects: objects.length, bytes, records: records.length, damage };
}

/** All that a record names: outputs, and the files of those that are folders. */
export function hashesOf(record: ActionRecord): ContentHash[] {
  return Object.values(record.outputs).flatMap((o) => [
    o.hash,
    ...Object.values(o.files ?? {}).map((f) => f.hash),
  ]);
}

/** The record in a file, or what is wrong with it. A record of another schema is none of ours, and right. */
export function readRecord(file: string): ActionRecord | string {
  const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.json$/, '') as ActionKey;
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as ActionRecord;
    if (record.key !== name) return 'its key is not its name';
    return record.schema === KEY_SCHEMA ? record : { ...record, outputs: {} };
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`;
  }
}

/** The files of objects/ and actions/: each lies in a folder named by its first two letters. */
export function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .sort()
      .flatMap((shard) =>
        readdirSync(join(folder, shard))
          .sort()
          .map((name) => join(folder, shard, name)),
      )
      .filter((file) => !file.endsWith('.tmp'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function quarantine(store: Store, file: string): void {
  const folder = join(store.dir, 'quarantine');
  mkdirSync(folder, { recursive: true });
  renameSync(file, join(folder, `${file.slice(file.lastIndexOf('/') + 1)}.${process.pid}`));
}

function targetsOf(users: readonly { target: string }[] = []): string[] {
  return [...new Set(users.map((u) => u.target))].sort();
}
