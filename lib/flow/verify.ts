/** Is everything in the store what it says it is? Reads every byte. */
import { chmodSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { listShards } from './holdings.ts';
import type { ActionKey, ContentHash } from './key.ts';
import { quarantine } from './quarantine.ts';
import { filesOf, readRecordFile } from './record-file.ts';
import { hashFile } from './stat-cache.ts';
import type { Store } from './store.ts';

export type Damage =
  /** An object whose bytes are not those of its name. */
  | {
      readonly kind: 'object';
      readonly hash: string;
      readonly detail: string;
      readonly usedBy: readonly string[];
    }
  /** An object that is right, but could be changed or cannot be read. Set right in its place. */
  | {
      readonly kind: 'permissions';
      readonly hash: string;
      readonly detail: string;
      readonly usedBy: readonly string[];
    }
  /** An object that a record names and that is not there. */
  | { readonly kind: 'missing'; readonly hash: string; readonly usedBy: readonly string[] }
  /** A file among the records that is not a record, or not that of its name. */
  | { readonly kind: 'record'; readonly file: string; readonly detail: string }
  /** A file that shows an object under its name, as a copy, and has other bytes. */
  | { readonly kind: 'copy'; readonly file: string; readonly detail: string };

export interface Verification {
  readonly objects: number;
  readonly bytes: number;
  readonly records: number;
  readonly damage: readonly Damage[];
}

export interface VerifyOptions {
  /** Only tell: move nothing, set nothing right. */
  readonly dryRun?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Rehashes all objects and reads all records. Unless `dryRun`, damaged objects and records, and the records
 * that name what is damaged or missing, are moved to `quarantine/`: the store is whole again, and the next run
 * makes again what it needs. May work while runs do: what it takes away, they must not use.
 */
export async function verify(
  store: Store,
  { dryRun = false, onProgress = () => {} }: VerifyOptions = {},
): Promise<Verification> {
  const damage: Damage[] = [];
  const records = listShards(join(store.dir, 'actions'));
  const users = new Users();
  for (const file of records) {
    const found = readRecordFile(file, basename(file, '.json') as ActionKey);
    if (found.state === 'whole') users.add(file, found.record.target, filesOf(found.record));
    if (found.state !== 'damaged') continue;
    damage.push({ kind: 'record', file, detail: found.detail });
    if (!dryRun) quarantine(store.dir, file, { detail: found.detail });
  }

  const objects = listShards(join(store.dir, 'objects'));
  const present = new Set<string>();
  let bytes = 0;
  for (const [i, file] of objects.entries()) {
    onProgress(i, objects.length);
    const found = await examine(file, dryRun);
    if (found === undefined) continue; // collected meanwhile
    const hash = basename(file);
    present.add(hash);
    bytes += found.bytes;
    const usedBy = users.targetsOf(hash);
    if (found.state === 'damaged') {
      damage.push({ kind: 'object', hash, detail: found.detail, usedBy });
      if (!dryRun) quarantine(store.dir, file, { detail: found.detail, usedBy });
    } else if (found.state === 'permissions') {
      damage.push({ kind: 'permissions', hash, detail: found.detail, usedBy });
    }
  }
  for (const hash of users.hashes()) {
    if (!present.has(hash)) damage.push({ kind: 'missing', hash, usedBy: users.targetsOf(hash) });
  }
  if (!dryRun) {
    for (const found of damage) {
      if (found.kind !== 'object' && found.kind !== 'missing') continue;
      const detail = `it names object ${found.hash.slice(0, 12)}, which is ${found.kind === 'missing' ? 'missing' : 'damaged'}`;
      for (const file of users.filesOf(found.hash)) quarantine(store.dir, file, { detail });
    }
  }
  damage.push(...(await verifyCopies(store, dryRun)));
  return { objects: objects.length, bytes, records: records.length, damage };
}

/** Which records name an object. */
class Users {
  readonly #users = new Map<string, { file: string; target: string }[]>();

  add(file: string, target: string, objects: readonly { hash: string }[]): void {
    for (const { hash } of objects) {
      const known = this.#users.get(hash);
      if (known === undefined) this.#users.set(hash, [{ file, target }]);
      else known.push({ file, target });
    }
  }

  hashes(): Iterable<string> {
    return this.#users.keys();
  }

  filesOf(hash: string): string[] {
    return [...new Set(this.#users.get(hash)?.map((user) => user.file))];
  }

  targetsOf(hash: string): string[] {
    return [...new Set(this.#users.get(hash)?.map((user) => user.target))].sort();
  }
}

type Examined =
  | { readonly state: 'right'; readonly bytes: number }
  | { readonly state: 'permissions' | 'damaged'; readonly bytes: number; readonly detail: string };

/** Undefined if the file is not there. */
async function examine(file: string, dryRun: boolean): Promise<Examined | undefined> {
  try {
    const stat = lstatSync(file);
    if (!stat.isFile()) return { state: 'damaged', bytes: 0, detail: 'is not a file' };
    const bytes = stat.size;
    const mode = stat.mode & 0o777;
    const isReadOnly = (mode & 0o222) === 0 && (mode & 0o400) !== 0;
    if (!isReadOnly && !dryRun) chmodSync(file, 0o444);
    const hash = await hashFile(file);
    if (hash !== basename(file))
      return { state: 'damaged', bytes, detail: `its content has the hash ${hash}` };
    if (isReadOnly) return { state: 'right', bytes };
    return { state: 'permissions', bytes, detail: `its permissions are ${mode.toString(8)}, not 444` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    return { state: 'damaged', bytes: 0, detail: `cannot be read: ${message}` };
  }
}

/**
 * What runs show is the objects themselves, under second names. In a store that was copied, or where there are no
 * hard links, it is copies, which can be damaged on their own. Those are removed; the next run publishes anew.
 */
async function verifyCopies(store: Store, dryRun: boolean): Promise<Damage[]> {
  const damage: Damage[] = [];
  for (const { file, hash } of publishedFiles(store.dir)) {
    try {
      const [shown, object] = [lstatSync(file), lstatSync(store.objectPath(hash))];
      if (shown.ino === object.ino && shown.dev === object.dev) continue;
      const found = await hashFile(file);
      if (found === hash) continue;
      damage.push({ kind: 'copy', file, detail: `its content has the hash ${found}` });
      if (!dryRun) rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // deleted by who needs it no more
    }
  }
  return damage;
}

/** Every file that a run shows, with the hash that it should have. */
function* publishedFiles(store: string): Iterable<{ file: string; hash: ContentHash }> {
  let runs: string[] = [];
  try {
    runs = readdirSync(join(store, 'runs'));
  } catch {
    // nothing ran yet
  }
  for (const run of runs) {
    let published: Record<string, { hash: ContentHash }> = {};
    try {
      published = JSON.parse(readFileSync(join(store, 'runs', run, 'manifest.json'), 'utf8')).published ?? {};
    } catch {
      continue; // a run without a manifest did not end
    }
    for (const [name, { hash }] of Object.entries(published)) {
      const path = join(store, 'runs', run, 'outputs', name);
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat?.isDirectory()) {
        for (const file of listing(store, hash)) yield { file: join(path, file.name), hash: file.hash };
      } else yield { file: path, hash };
    }
  }

  /** The files of a folder, as its object lists them. */
  function listing(dir: string, hash: ContentHash): { name: string; hash: ContentHash }[] {
    try {
      return JSON.parse(readFileSync(join(dir, 'objects', hash.slice(0, 2), hash), 'utf8'));
    } catch {
      return [];
    }
  }
}
