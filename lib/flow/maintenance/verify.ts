/** Integrity check of a store: objects, records, manifests and copies. Reads every byte. */
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

/** Damaged, missing or unreadable file of a store. */
export type Damage =
  /** An object whose bytes do not match its name. */
  | {
      readonly kind: 'object';
      readonly hash: string;
      readonly detail: string;
      readonly usedBy: readonly string[];
    }
  /** An intact object with wrong permissions: writable, or not readable. Fixed in place. */
  | {
      readonly kind: 'permissions';
      readonly hash: string;
      readonly detail: string;
      readonly usedBy: readonly string[];
    }
  /** An object or record that this process may not read: its state is unknown, and it stays where it is. */
  | { readonly kind: 'closed'; readonly file: string; readonly detail: string }
  /** A missing object that a record names. */
  | { readonly kind: 'missing'; readonly hash: string; readonly usedBy: readonly string[] }
  /** A file among the records that is not a record, or not the one of its name. */
  | { readonly kind: 'record'; readonly file: string; readonly detail: string }
  /** A damaged manifest of a run, or a damaged list of a folder's files. */
  | { readonly kind: 'manifest'; readonly file: string; readonly detail: string }
  /** A published copy of an object that has other bytes. `aside` is the path it was moved to. */
  | { readonly kind: 'copy'; readonly file: string; readonly detail: string; readonly aside?: string };

/** Result of a verification. */
export interface Verification {
  readonly objects: number;
  readonly bytes: number;
  readonly records: number;
  readonly damage: readonly Damage[];
}

export interface VerifyOptions {
  /** Only report: move nothing, fix nothing. */
  readonly dryRun?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
  /** Progress on a large object; see stat-cache.ts. */
  readonly onHashing?: HashWatch['onHashing'];
}

/**
 * Rehashes all objects and reads all records. Unless `dryRun`, moves to `quarantine/` damaged objects and records, and
 * records that name damaged or missing objects: the store is consistent again, and the next run remakes what it needs. Safe
 * while runs are active, because they must not use what it removes.
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

/** Index of the records that name each object. */
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

/** Checks one object file; undefined if the file does not exist. */
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

/** Whether the store's file system keeps file permissions; tested with a temporary file. */
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
 * Checks published files that are copies. Normally they are hard links to the objects; in a store that was copied, or on a
 * file system without hard links, they are copies, which can be damaged separately. Damaged ones are moved aside, unless
 * `dryRun`; the next run publishes them again.
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
      // It may be a file that the user put there, so it is moved aside and not removed.
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

/** Iterates over all files that runs publish, with their expected hashes. */
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
        // The list of the folder is damaged or missing, and reported as an object.
      }
    }
  }
}
