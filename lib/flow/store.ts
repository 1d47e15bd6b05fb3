/**
 * The store: artifacts under the hash of their content, and action records that say which key gave which
 * artifacts.
 *
 *     objects/ab/<sha256>        content, read-only
 *     actions/ab/<key>.json      the record of an action: written last, the only commit point
 *     targets/<target>.json      the key that a target had last, for telling why it is stale
 *     runs/<id>/                 manifest.json, events.ndjson, outputs/ (links with human names)
 *     latest -> runs/<id>/outputs
 *     locks/  tmp/  cache/       of running processes; what hashes were learned
 *
 * A crash leaves at worst files in tmp/ and objects that no record names.
 */
import { randomUUID } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { storeError } from '../errors.ts';
import { syncFolder, writeFileAtomic } from './durable.ts';
import { type RecentKey, remembered } from './history.ts';
import { type ActionKey, type ContentHash, KEY_SCHEMA, type KeyIngredients } from './key.ts';
import type { Work } from './work.ts';

/** One output of an action. A folder is an object that lists its files, which are objects too. */
export interface StoredOutput {
  readonly kind: string;
  readonly hash: ContentHash;
  readonly bytes: number;
  readonly files?: Readonly<Record<string, { readonly hash: ContentHash; readonly bytes: number }>>;
}

export interface ActionRecord {
  readonly schema: number;
  readonly key: ActionKey;
  /** The target for which the action ran first, for people. */
  readonly target: string;
  readonly ingredients: KeyIngredients;
  /** Pieces of the code identity: file or package → hash or version. */
  readonly code: Readonly<Record<string, string>>;
  /** slot → output; slots that the run left unwritten are absent. */
  readonly outputs: Readonly<Record<string, StoredOutput>>;
  readonly durationMs: number;
  readonly peakRssBytes: number;
  /** What the whole target took, its parts included; absent where the action is all of it. */
  readonly work?: Work;
}

export type Lookup =
  | { readonly state: 'hit'; readonly record: ActionRecord }
  | { readonly state: 'miss' }
  /** There is a record, but it cannot be read, or an object that it names is gone or has the wrong size. */
  | {
      readonly state: 'damaged';
      readonly output: string;
      readonly detail: string;
    };

/** What a worker left in a scratch folder for one output. */
export interface Written {
  readonly output: StoredOutput;
  /** The files to move into the store, by hash. */
  readonly files: readonly { readonly path: string; readonly hash: ContentHash }[];
}

export class Store {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  objectPath(hash: ContentHash): string {
    return join(this.dir, 'objects', hash.slice(0, 2), hash);
  }

  recordPath(key: ActionKey): string {
    return join(this.dir, 'actions', key.slice(0, 2), `${key}.json`);
  }

  /** Creates the folders. Throws a store error if the place cannot be written. */
  prepare(): void {
    try {
      makeFolder(this.dir);
      for (const name of ['objects', 'actions', 'targets', 'runs', 'locks', 'tmp', 'cache']) {
        mkdirSync(join(this.dir, name), { recursive: true });
      }
      accessSync(this.dir, constants.W_OK);
    } catch (error) {
      throw storeError(`cannot write to the store ${this.dir}: ${(error as Error).message}`, {
        expected: 'a folder that can be created and written',
        hint: 'check its permissions, or choose another place with --store DIR',
        cause: error,
      });
    }
  }

  /** The record of a key, if everything that it names is there. */
  lookup(key: ActionKey): Lookup {
    const record = this.#readRecord(key);
    if (record === undefined) {
      if (!existsSync(this.recordPath(key))) return { state: 'miss' };
      return { state: 'damaged', output: 'the record', detail: `${this.recordPath(key)} is no record` };
    }
    for (const [slot, output] of Object.entries(record.outputs)) {
      for (const { hash, bytes } of [output, ...Object.values(output.files ?? {})]) {
        const detail = this.#problemWith(hash, bytes);
        if (detail !== undefined) return { state: 'damaged', output: slot, detail };
      }
    }
    return { state: 'hit', record };
  }

  #readRecord(key: ActionKey): ActionRecord | undefined {
    try {
      const record = JSON.parse(readFileSync(this.recordPath(key), 'utf8')) as ActionRecord;
      return record.schema === KEY_SCHEMA && record.key === key ? record : undefined;
    } catch {
      return undefined; // absent, or not a record: a miss either way
    }
  }

  #problemWith(hash: ContentHash, bytes: number): string | undefined {
    try {
      const found = lstatSync(this.objectPath(hash));
      if (!found.isFile()) return `object ${hash.slice(0, 12)} is not a file`;
      if (found.size !== bytes) return `object ${hash.slice(0, 12)} has ${found.size} bytes, not ${bytes}`;
      return undefined;
    } catch {
      return `object ${hash.slice(0, 12)} is missing`;
    }
  }

  /** Removes the scratch folders of processes that are gone. */
  async sweep(): Promise<void> {
    for (const name of readdirSync(join(this.dir, 'tmp'))) {
      const pid = Number.parseInt(name, 10);
      if (pid > 0 && pid !== process.pid && !isRunning(pid)) {
        await rm(join(this.dir, 'tmp', name), { recursive: true, force: true });
      }
    }
  }

  /** A scratch folder on the store's own file system, so that a rename can move from it. */
  async scratch(): Promise<string> {
    const path = join(this.dir, 'tmp', `${process.pid}-${randomUUID()}`);
    await mkdir(path, { recursive: true });
    return path;
  }

  /** Moves written outputs into the store and then, as the last step, writes the record. */
  async commit(record: ActionRecord, written: readonly Written[]): Promise<void> {
    const folders = new Set<string>();
    for (const { path, hash } of written.flatMap((w) => w.files)) {
      const target = this.objectPath(hash);
      const folder = join(target, '..');
      if (this.#problemWith(hash, statSync(path).size) === undefined) continue;
      await mkdir(folder, { recursive: true });
      await chmod(path, 0o444);
      // Replaces in one step what may lie there: another action may write the same bytes at this moment, and no
      // reader may ever find them missing. Only a folder does not make way for a file.
      await rename(path, target).catch(async (error) => {
        if (error.code !== 'EISDIR') throw error;
        await rm(target, { force: true, recursive: true });
        await rename(path, target);
      });
      folders.add(folder);
    }
    for (const folder of folders) syncFolder(folder);
    if (folders.size > 0) syncFolder(join(this.dir, 'objects'));
    writeFileAtomic(this.recordPath(record.key), `${JSON.stringify(record, null, 1)}\n`);
  }

  /** The record that a target had when it was last brought up to date. */
  lastRecord(target: string): ActionRecord | undefined {
    try {
      const { key } = JSON.parse(readFileSync(this.#targetPath(target), 'utf8'));
      return this.#readRecord(key);
    } catch {
      return undefined;
    }
  }

  /** `study` says for what the target was brought up to date, so that `why` compares like with like. */
  setLastKey(target: string, key: ActionKey, study = ''): void {
    const recent = remembered(this.recentKeys(target), { key, study });
    writeFileAtomic(this.#targetPath(target), `${JSON.stringify({ target, key, recent })}\n`);
  }

  /** The keys that a target had, the last first. */
  recentKeys(target: string): RecentKey[] {
    try {
      const { key, recent } = JSON.parse(readFileSync(this.#targetPath(target), 'utf8'));
      return recent ?? [{ key, study: '' }];
    } catch {
      return [];
    }
  }

  /** The record of a key, whether or not its outputs are there. */
  recordOf(key: ActionKey): ActionRecord | undefined {
    return this.#readRecord(key);
  }

  #targetPath(target: string): string {
    return join(this.dir, 'targets', `${encodeURIComponent(target)}.json`);
  }
}

/** As `mkdir -p`. Node's own `recursive` never returns where the system denies that a parent exists (/proc). */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The store in this folder. Writes nothing: `prepare` does. */
export function openStore(dir: string): Store {
  return new Store(dir);
}
