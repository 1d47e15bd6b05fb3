/**
 * The store: artifacts under the hash of their content, and action records that say which key gave which
 * artifacts. Where they lie is the layout's business (layout.ts). A crash leaves at worst files in tmp/ and objects that no
 * record names.
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
  /** A store that is only read: what is not in the own one is looked up there and taken over. */
  readonly shared?: string;
  /** Which records of the shared store are taken over; default: all that fit. */
  readonly accepts?: (record: ActionRecord) => boolean;
}

/** The content-addressed store of one folder: looks up and commits actions. See the top of this file for what lies where. */
export class Store {
  /** The store's folder, for messages; for anything else there is `layout`. */
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

  /** The files of all objects, in the order of their hashes. */
  objectFiles(): string[] {
    return listShards(this.layout.objects);
  }

  /** The files of all action records, in the order of their keys. */
  recordFiles(): string[] {
    return listShards(this.layout.actions);
  }

  /** Creates the folders. Throws a store error if the place cannot be written, or the shared one not be read. */
  prepare(): void {
    prepareStore(this.layout);
    if (this.#shared !== undefined) requireStore(this.#shared.layout);
  }

  /** Throws a store error if a folder in the store cannot be written: before work begins, not when its result is to be kept. */
  requireWritable(): void {
    requireWritable(this.layout);
  }

  /** Whether names for the outputs of runs are symbolic links in this store, and not folders. */
  usesLinks(): boolean {
    return usesLinks(this.layout);
  }

  /**
   * Prepares the store and holds a session lock while `body` runs: see locks/session-lock.ts. The body is given the
   * sessions that were never ended, whose scratch files are gone by now.
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
   * Throws if another process has taken this one for dead, because it was asleep for long, and cleared away what it
   * had here: what it is about to commit may rest on objects that are collected by now.
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
   * Takes the lock of an action, waiting as long as a living process has it. `isDone` is asked while waiting: once it says
   * yes, there is nothing left to do, and undefined is returned.
   */
  lockAction(
    key: ActionKey,
    isDone: () => boolean,
    options?: { signal?: AbortSignal; onWait?: OnWait },
  ): Promise<Lock | undefined> {
    return acquireLock(this.layout.locks, this.layout.actionLock(key), isDone, options);
  }

  /**
   * The record of a key, if everything that it names is there. What only the shared store has is taken over if
   * this one is in use (`use`), and else named as it is: a question changes nothing.
   */
  lookup(key: ActionKey): Lookup {
    const own = lookupIn(this.layout, key);
    if (own.state === 'hit' || this.#shared === undefined) return own;
    const other = lookupIn(this.#shared.layout, key);
    // What the shared store has and cannot be used is made here, but not without a word.
    if (other.state === 'closed' || other.state === 'damaged')
      return own.state === 'miss' ? { ...own, shared: `the shared store has it, but ${other.detail}` } : own;
    if (other.state !== 'hit' || !this.#accepts(other.record)) return own;
    if (this.#users === 0) return { ...other, from: this.#shared.dir };
    const problem = this.#pull(other.record, this.#shared);
    if (problem === undefined) return other;
    return own.state === 'miss' ? { ...own, shared: problem } : own;
  }

  /** Takes a record and what it names over from the shared store. Returns what is wrong with it there. */
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

  /** In words, if the record of a key is of another version of the framework. */
  otherVersion(key: ActionKey): string | undefined {
    const found = readRecordFile(this.layout.record(key), key);
    return found.state === 'foreign' ? otherSchema(found.schema) : undefined;
  }

  #readRecord(key: ActionKey): ActionRecord | undefined {
    const found = readRecordFile(this.layout.record(key), key);
    return found.state === 'whole' ? found.record : undefined;
  }

  /** A scratch folder on the store's own file system, so that a rename can move from it. */
  scratch(): string {
    const path = this.temporary();
    mkdirSync(path);
    return path;
  }

  /** A name in tmp/ that no other file has. What lies there is removed when the session is over. */
  temporary(): string {
    this.#session ??= lockSession(this.layout);
    return join(this.layout.tmp, `${this.#session.id}-${randomBytes(6).toString('hex')}`);
  }

  /**
   * Moves written outputs into the store and then, as the last step, writes the record. Objects that are there
   * already stay, unless they are to be replaced; they are read before they are relied on, so that bytes which
   * were just made again never give way to damaged ones.
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

  /** Whether an object has the bytes of its name. If not, it is put aside. */
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

  /** A folder in the place of a file does not make way by itself. */
  #clear(path: string): void {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory())
      this.quarantine(path, { detail: 'is not a file' });
  }

  #write(path: string, text: string): void {
    this.#clear(path);
    writeFileAtomic(path, text, { temporary: this.temporary() });
  }

  /** The record that a target had when it was last brought up to date. */
  lastRecord(target: string): ActionRecord | undefined {
    const [last] = this.recentKeys(target);
    return last === undefined ? undefined : this.#readRecord(last.key);
  }

  /** `study` says for what the target was brought up to date, so that `why` compares like with like. */
  setLastKey(target: string, key: ActionKey, study = ''): void {
    const recent = remembered(this.recentKeys(target), { key, study });
    // It explains, and no result is lost with it: not synced, and no reason to fail.
    writeCache(this.layout.target(target), `${JSON.stringify({ target, key, recent })}\n`, this.temporary());
  }

  /** The keys that a target had, the last first. */
  recentKeys(target: string): RecentKey[] {
    if (!existsSync(this.layout.target(target))) return []; // an exception would cost ten times as much
    try {
      return parseRecent(readFileSync(this.layout.target(target), 'utf8'), target);
    } catch {
      return []; // it explains, and no result is lost with it
    }
  }

  /** The record of a key, whether or not its outputs are there. */
  recordOf(key: ActionKey): ActionRecord | undefined {
    return this.#readRecord(key);
  }

  /** Moves what is damaged, or stands in the place of a file, to quarantine/. */
  quarantine(path: string, wrong: Wrong): void {
    quarantine(this.layout, path, wrong);
  }

  /** Moves a file, link or folder of the user's out of the way, to set-aside/. Returns where it is now. */
  setAside(path: string): string {
    return setAside(this.layout, path);
  }
}

/** The store in this folder. Writes nothing: `prepare` does. */
export function openStore(dir: string, options?: StoreOptions): Store {
  return new Store(dir, options);
}
