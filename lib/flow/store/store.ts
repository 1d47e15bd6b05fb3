/**
 * Content-addressed store: artifacts by content hash, and action records that map keys to artifacts. layout.ts has the
 * paths. A crash leaves at worst files in tmp/ and objects that no record names.
 */

import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { OperationalError } from '../../errors.ts';
import { writeCache, writeFileAtomic } from '../files/durable.ts';
import type { ActionKey, ContentHash } from '../keys/key.ts';
import { hashFile } from '../keys/stat-cache.ts';
import { acquireLock, type Lock, type OnWait, SILENT_MS } from '../locks/lock.ts';
import {
  type AbandonedSession,
  lockSession,
  type SessionLock,
  sweep,
  waitForCollector,
} from '../locks/session-lock.ts';
import { diskError } from './disk-space.ts';
import { GroupCommit } from './group-commit.ts';
import { parseRecent, type RecentKey, remembered } from './history.ts';
import { StoreLayout } from './layout.ts';
import { listShards } from './lists.ts';
import { type Lookup, lookupIn, otherSchema } from './lookup.ts';
import { problemWith } from './object-problem.ts';
import { prepareStore, requireStore, requireWritable } from './place.ts';
import { pullObject } from './pull.ts';
import { quarantine, type Wrong } from './quarantine.ts';
import { usesLinks } from './recognise.ts';
import type { ActionRecord, Written } from './record.ts';
import { objectsOf, readRecordFile, recordText } from './record-file.ts';
import { setAside } from './set-aside.ts';

export type { Lookup };

export interface StoreOptions {
  /** Folder of a shared store, which is only read: records missing in this store are looked up there and copied. */
  readonly shared?: string;
  /** Filter for records of the shared store that may be used. Default: all. */
  readonly accepts?: (record: ActionRecord) => boolean;
}

/** Content-addressed store in one folder: looks up and commits actions. See layout.ts for its files. */
export class Store {
  /** Folder of the store, for messages; use `layout` for anything else. */
  readonly dir: string;
  readonly layout: StoreLayout;
  readonly #shared: Store | undefined;
  readonly #accepts: (record: ActionRecord) => boolean;
  readonly #commits = new GroupCommit();
  #session: SessionLock | undefined;
  #users = 0;

  constructor(dir: string, { shared, accepts = () => true }: StoreOptions = {}) {
    this.dir = dir;
    this.layout = new StoreLayout(dir);
    this.#accepts = accepts;
    this.#shared = shared === undefined ? undefined : new Store(shared);
  }

  objectPath(hash: ContentHash): string {
    return this.layout.object(hash);
  }

  /** Paths of all objects, in the order of their hashes. */
  objectFiles(): string[] {
    return listShards(this.layout.objects);
  }

  /** Paths of all action records, in the order of their keys. */
  recordFiles(): string[] {
    return listShards(this.layout.actions);
  }

  /**
   * Creates the folders. Throws a store error if the store cannot be written or the shared one cannot be read, and a usage
   * error for a folder with other files in it.
   */
  prepare(): void {
    prepareStore(this.layout);
    if (this.#shared !== undefined) requireStore(this.#shared.layout);
  }

  /** Checks, before the work begins, that all folders of the store can be written; throws a store error if not. */
  requireWritable(): void {
    requireWritable(this.layout);
  }

  /** Whether this store publishes outputs as symbolic links, and not as folders. */
  usesLinks(): boolean {
    return usesLinks(this.layout);
  }

  /**
   * Prepares the store and holds a session lock while `body` runs; see locks/session-lock.ts. The body gets the abandoned
   * sessions, whose scratch files have been removed.
   */
  async use<T>(
    body: (abandoned: readonly AbandonedSession[]) => Promise<T>,
    { signal, onWait, run }: { signal?: AbortSignal; onWait?: OnWait; run?: string } = {},
  ): Promise<T> {
    this.prepare();
    this.#session ??= lockSession(this.layout, run);
    this.#users++;
    try {
      await waitForCollector(this.layout, signal, onWait);
      return await body(await sweep(this.layout));
    } finally {
      if (--this.#users === 0) {
        this.#session?.release();
        this.#session = undefined;
      }
    }
  }

  /**
   * Checks that this session is still valid. Throws a locked error if this process was suspended for so long that another
   * took it for dead and removed its files: a commit could then depend on objects that have been collected.
   */
  requireSession(): void {
    if (this.#session === undefined || this.#session.isValid()) return;
    throw new OperationalError(
      'locked',
      'this run was silent for so long that another process took it for dead',
      {
        where: this.dir,
        expected: `a sign of life every ${SILENT_MS / 1000} s, also from a process that is suspended, for others on other machines or in other containers`,
        hint: 'run again: what was finished before is kept',
      },
    );
  }

  /**
   * Takes the lock of an action, waiting as long as a living process holds it. Calls `isDone` while waiting; once that
   * returns true, there is nothing left to do, and the result is undefined.
   */
  lockAction(
    key: ActionKey,
    isDone: () => boolean,
    options?: { signal?: AbortSignal; onWait?: OnWait },
  ): Promise<Lock | undefined> {
    return acquireLock(this.layout.locks, this.layout.actionLock(key), isDone, options);
  }

  /**
   * Looks up the record of a key; a hit requires that all objects it names exist. A hit in the shared store is copied if
   * this store is in use (`use`); otherwise it is returned with `from`, so that a mere query changes nothing.
   */
  lookup(key: ActionKey): Lookup {
    const own = lookupIn(this.layout, key);
    if (own.state === 'hit' || this.#shared === undefined) return own;
    const other = lookupIn(this.#shared.layout, key);
    // An unusable record of the shared store is a miss here, with the reason reported.
    if (other.state === 'closed' || other.state === 'damaged')
      return own.state === 'miss' ? { ...own, shared: `the shared store has it, but ${other.detail}` } : own;
    if (other.state !== 'hit' || !this.#accepts(other.record)) return own;
    if (this.#users === 0) return { ...other, from: this.#shared.dir };
    const problem = this.#pull(other.record, this.#shared);
    if (problem === undefined) return other;
    return own.state === 'miss' ? { ...own, shared: problem } : own;
  }

  /** Copies a record and its objects from the shared store. Returns the problem if an object there is damaged. */
  #pull(record: ActionRecord, shared: Store): string | undefined {
    try {
      for (const { hash, bytes } of objectsOf(record)) {
        if (problemWith(this.objectPath(hash), bytes) === undefined) continue;
        const problem = pullObject(shared.objectPath(hash), this.objectPath(hash), hash, this.temporary());
        if (problem !== undefined) return problem;
      }
      this.#write(this.layout.record(record.key), recordText(record));
      return undefined;
    } catch (error) {
      throw diskError(error, this.dir) ?? error;
    }
  }

  /** Message if the record of a key is of another version of the framework; otherwise undefined. */
  otherVersion(key: ActionKey): string | undefined {
    const found = readRecordFile(this.layout.record(key), key);
    return found.state === 'foreign' ? otherSchema(found.schema) : undefined;
  }

  #readRecord(key: ActionKey): ActionRecord | undefined {
    const found = readRecordFile(this.layout.record(key), key);
    return found.state === 'whole' ? found.record : undefined;
  }

  /** Creates a scratch folder on the store's own file system, so that files can be moved from it by a rename. */
  scratch(): string {
    const path = this.temporary();
    mkdirSync(path);
    return path;
  }

  /** Returns a unique path in tmp/. Leftovers there are removed after the session has ended. */
  temporary(): string {
    this.#session ??= lockSession(this.layout);
    return join(this.layout.tmp, `${this.#session.id}-${randomBytes(6).toString('hex')}`);
  }

  /**
   * Commits an action: moves its outputs into the store and then, as the last step, writes the record. Existing objects
   * stay, unless `replace` is set; they are rehashed first, so that new bytes are never discarded in favour of damaged ones.
   */
  async commit(record: ActionRecord, written: readonly Written[], { replace = false } = {}): Promise<void> {
    const objects = [];
    for (const { path, hash } of written.flatMap((w) => w.files)) {
      const to = this.objectPath(hash);
      const isThere = existsSync(to) && !replace && (await this.#isWhole(hash, statSync(path).size));
      objects.push({ from: path, to, isThere });
    }
    const text = recordText(record);
    for (const path of [...objects.map(({ to }) => to), this.layout.record(record.key)]) this.#clear(path);
    await this.#commits.add({
      objects,
      record: { temporary: this.temporary(), path: this.layout.record(record.key), text },
    });
  }

  /** Whether the bytes of an object match its name. Moves it to quarantine if not. */
  async #isWhole(hash: ContentHash, bytes: number): Promise<boolean> {
    const path = this.objectPath(hash);
    let problem = problemWith(this.objectPath(hash), bytes)?.detail;
    if (problem === undefined) {
      const found = await hashFile(path);
      if (found !== hash) problem = `object ${hash.slice(0, 12)} has the hash ${found.slice(0, 12)}`;
    }
    if (problem !== undefined) this.quarantine(path, { detail: problem });
    return problem === undefined;
  }

  /** Moves a folder in the place of a file to quarantine, because a rename does not replace a folder. */
  #clear(path: string): void {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory())
      this.quarantine(path, { detail: 'is not a file' });
  }

  #write(path: string, text: string): void {
    this.#clear(path);
    writeFileAtomic(path, text, { temporary: this.temporary() });
  }

  /** Record that a target had when it was last brought up to date. */
  lastRecord(target: string): ActionRecord | undefined {
    const [last] = this.recentKeys(target);
    return last === undefined ? undefined : this.#readRecord(last.key);
  }

  /** Adds a key to a target's history. `study` labels what it was made for, so that `why` compares within one study. */
  setLastKey(target: string, key: ActionKey, study = ''): void {
    const recent = remembered(this.recentKeys(target), { key, study });
    // The history only serves explanations, so it is not synced, and a failure to write it is ignored.
    writeCache(this.layout.target(target), `${JSON.stringify({ target, key, recent })}\n`, this.temporary());
  }

  /** Earlier keys of a target, latest first. */
  recentKeys(target: string): RecentKey[] {
    if (!existsSync(this.layout.target(target))) return []; // an exception would cost ten times as much
    try {
      return parseRecent(readFileSync(this.layout.target(target), 'utf8'), target);
    } catch {
      return []; // the history only serves explanations
    }
  }

  /** Record of a key, whether or not its outputs exist. */
  recordOf(key: ActionKey): ActionRecord | undefined {
    return this.#readRecord(key);
  }

  /** Moves a damaged file, or an entry in the place of a file, to quarantine/. */
  quarantine(path: string, wrong: Wrong): void {
    quarantine(this.layout, path, wrong);
  }

  /** Moves a user's file, link or folder out of the way, to set-aside/. Returns its new path. */
  setAside(path: string): string {
    return setAside(this.layout, path);
  }
}

/** Opens the store in a folder. Writes nothing: `prepare` does. */
export function openStore(dir: string, options?: StoreOptions): Store {
  return new Store(dir, options);
}
