/** Is everything in the store what it says it is? Reads every byte. */
import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { denied } from '../../permission.ts';
import { isUnsupported } from '../files/durable.ts';
import type { ActionKey, ContentHash } from '../keys/key.ts';
import { type HashWatch, hashFile } from '../keys/stat-cache.ts';
import { isRunId, readManifest } from '../runs/run-files.ts';
import { shownFiles } from '../runs/shown.ts';
import { listNames } from '../store/lists.ts';
import { requireRecognised } from '../store/recognise.ts';
import { objectsOf, readRecordFile } from '../store/record-file.ts';
import type { Store } from '../store/store.ts';

/** One thing in a store that is not as its name or its record says. */
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
  /** An object or a record that this process may not read: whether it is right is unknown, and it stays where it is. */
  | { readonly kind: 'closed'; readonly file: string; readonly detail: string }
  /** An object that a record names and that is not there. */
  | { readonly kind: 'missing'; readonly hash: string; readonly usedBy: readonly string[] }
  /** A file among the records that is not a record, or not that of its name. */
  | { readonly kind: 'record'; readonly file: string; readonly detail: string }
  /** The record of a run, or a list of a folder's files, that is not what it should be. */
  | { readonly kind: 'manifest'; readonly file: string; readonly detail: string }
  /** A file that shows an object under its name, as a copy, and has other bytes. `aside` is where it was moved. */
  | { readonly kind: 'copy'; readonly file: string; readonly detail: string; readonly aside?: string };

/** The outcome of a verification. */
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
  /** How far a large object is: see stat-cache.ts. */
  readonly onHashing?: HashWatch['onHashing'];
}

/**
 * Rehashes all objects and reads all records. Unless `dryRun`, damaged objects and records, and the records
 * that name what is damaged or missing, are moved to `quarantine/`: the store is whole again, and the next run
 * makes again what it needs. May work while runs do: what it takes away, they must not use.
 */
export async function verify(
  store: Store,
  { dryRun = false, onProgress = () => {}, onHashing }: VerifyOptions = {},
): Promise<Verification> {
  requireRecognised(store.dir);
  const damage: Damage[] = [];
  const records = store.recordFiles();
  const users = new Users();
  for (const file of records) {
    const found = readRecordFile(file, basename(file, '.json') as ActionKey);
    if (found.state === 'whole') users.add(file, found.record.target, objectsOf(found.record));
    if (found.state === 'closed') damage.push({ kind: 'closed', file, detail: found.detail });
    if (found.state !== 'damaged') continue;
    damage.push({ kind: 'record', file, detail: found.detail });
    if (!dryRun) store.quarantine(file, { detail: found.detail });
  }

  const objects = store.objectFiles();
  const knowsModes = keepsModes(store);
  const present = new Set<string>();
  let bytes = 0;
  for (const [i, file] of objects.entries()) {
    onProgress(i, objects.length);
    const found = await examine(file, dryRun, knowsModes, { onHashing });
    if (found === undefined) continue; // collected meanwhile
    const hash = basename(file);
    present.add(hash);
    bytes += found.bytes;
    const usedBy = users.targetsOf(hash);
    if (found.state === 'closed') {
      damage.push({ kind: 'closed', file, detail: found.detail });
    } else if (found.state === 'damaged') {
      damage.push({ kind: 'object', hash, detail: found.detail, usedBy });
      if (!dryRun) store.quarantine(file, { detail: found.detail, usedBy });
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
      for (const file of users.recordsNaming(found.hash)) store.quarantine(file, { detail });
    }
  }
  damage.push(...(await verifyCopies(store, dryRun, { onHashing })));
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

  recordsNaming(hash: string): string[] {
    return [...new Set(this.#users.get(hash)?.map((user) => user.file))];
  }

  targetsOf(hash: string): string[] {
    return [...new Set(this.#users.get(hash)?.map((user) => user.target))].sort();
  }
}

type Examined =
  | { readonly state: 'right'; readonly bytes: number }
  | { readonly state: 'permissions' | 'damaged' | 'closed'; readonly bytes: number; readonly detail: string };

/** Undefined if the file is not there. */
async function examine(
  file: string,
  dryRun: boolean,
  knowsModes: boolean,
  watch: HashWatch,
): Promise<Examined | undefined> {
  try {
    const stat = lstatSync(file);
    if (!stat.isFile()) return { state: 'damaged', bytes: 0, detail: 'is not a file' };
    const bytes = stat.size;
    const mode = stat.mode & 0o777;
    const isReadOnly = !knowsModes || ((mode & 0o222) === 0 && (mode & 0o400) !== 0);
    const isSet = isReadOnly || dryRun || setMode(file);
    const hash = await hashFile(file, watch);
    if (hash !== basename(file))
      return { state: 'damaged', bytes, detail: `its content has the hash ${hash}` };
    if (isReadOnly) return { state: 'right', bytes };
    const whose = isSet ? '' : ', and only its owner can change that';
    return {
      state: 'permissions',
      bytes,
      detail: `its permissions are ${mode.toString(8)}, not 444${whose}`,
    };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const refused = denied(error, 'read');
    if (refused !== undefined) return { state: 'closed', bytes: 0, detail: refused.message };
    return { state: 'damaged', bytes: 0, detail: `cannot be read: ${message}` };
  }
}

function setMode(file: string): boolean {
  try {
    chmodSync(file, 0o444);
    return true;
  } catch (error) {
    if (isUnsupported(error) || denied(error) !== undefined) return false;
    throw error;
  }
}

/** Whether the store's file system keeps the permissions of files: asked of a file that is made for it. */
function keepsModes(store: Store): boolean {
  const probe = store.layout.hiddenFile(`mode.${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeFileSync(probe, '', { flag: 'wx' });
    chmodSync(probe, 0o444);
    return (statSync(probe).mode & 0o222) === 0;
  } catch (error) {
    return !isUnsupported(error) || denied(error) !== undefined;
  } finally {
    rmSync(probe, { force: true });
  }
}

/**
 * What runs show is the objects themselves, under second names. In a store that was copied, or where there are no
 * hard links, it is copies, which can be damaged on their own. Those are removed; the next run publishes anew.
 */
async function verifyCopies(store: Store, dryRun: boolean, watch: HashWatch): Promise<Damage[]> {
  const damage: Damage[] = [];
  for (const { file, hash } of publishedFiles(store, (wrong) => damage.push(wrong), dryRun)) {
    try {
      const [shown, object] = [lstatSync(file), lstatSync(store.objectPath(hash))];
      if (shown.ino === object.ino && shown.dev === object.dev) continue;
      const found = shown.isFile() ? await hashFile(file, watch) : undefined;
      if (found === hash) continue;
      const detail = found === undefined ? 'is not a file' : `its content has the hash ${found}`;
      // It may be a file that the user put there: nothing of that is thrown away.
      damage.push({ kind: 'copy', file, detail, aside: dryRun ? undefined : store.setAside(file) });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue; // deleted by its user
      const refused = denied(error, 'read');
      if (refused === undefined) throw error;
      damage.push({ kind: 'closed', file, detail: refused.message });
    }
  }
  return damage;
}

/** Every file that a run shows, with the hash that it should have. */
function* publishedFiles(
  store: Store,
  tell: (damage: Damage) => void,
  dryRun: boolean,
): Iterable<{ file: string; hash: ContentHash }> {
  for (const run of listNames(store.layout.runs).filter(isRunId)) {
    const read = readManifest(store.layout, run);
    if (read.state === 'damaged') {
      tell({ kind: 'manifest', file: read.file, detail: read.detail });
      if (!dryRun && !read.detail.startsWith('cannot be read')) store.quarantine(read.file, read);
    }
    if (read.state !== 'whole') continue; // a run without a manifest did not end
    const folder = store.layout.run(run).outputs;
    for (const [name, output] of Object.entries(read.manifest.published ?? {})) {
      try {
        for (const file of shownFiles(store, { [name]: output }, folder)) {
          yield { file: join(folder, file.name), hash: file.hash };
        }
      } catch {
        // Its list is damaged or gone: told as an object.
      }
    }
  }
}
