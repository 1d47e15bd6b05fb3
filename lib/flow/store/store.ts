/**
 * The store: artifacts under the hash of their content, and action records that say which key gave which
 * artifacts.
 *
 *     objects/ab/<sha256>        content, read-only
 *     actions/ab/<key>.json      the record of an action: written last, the only commit point
 *     targets/<target>.json      the key that a target had last, for telling why it is stale
 *     runs/<id>/                 manifest.json, events.ndjson, outputs/ (links with human names)
 *     studies/<name>/            what each study shows: studies.ts
 *     latest -> runs/<id>/outputs
 *     quarantine/                what was damaged, with a note of what was wrong
 *     locks/  tmp/  cache/       of running processes; what hashes were learned
 *
 * A crash leaves at worst files in tmp/ and objects that no record names.
 */

import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RankloomError } from '../../errors.ts';
import { writeCache, writeFileAtomic } from '../files/durable.ts';
import { hintOf } from '../hints.ts';
import { type ActionKey, type ContentHash, KEY_SCHEMA } from '../keys/key.ts';
import { hashFile } from '../keys/stat-cache.ts';
import { type OnWait, SILENT_MS } from '../locks/lock.ts';
import { type Departed, sweep, type Visit, visit, waitForCollector } from '../locks/session-lock.ts';
import { diskError } from './disk-space.ts';
import { GroupCommit } from './group-commit.ts';
import { parseRecent, type RecentKey, remembered, targetFile } from './history.ts';
import { type Problem, problemWith } from './object-problem.ts';
import { prepareStore, requireStore } from './place.ts';
import { adoptObject } from './pull.ts';
import { quarantine } from './quarantine.ts';
import type { ActionRecord, Written } from './record.ts';
import { filesOf, readRecordFile, recordText } from './record-file.ts';

export type Lookup =
  /** `from` is the shared store, where it is only there yet. */
  | { readonly state: 'hit'; readonly record: ActionRecord; readonly from?: string }
  /**
   * `detail` says why, where it is not just that nobody made it: a record of another version, for one. `shared` says why what
   * the shared store has is of no use.
   */
  | { readonly state: 'miss'; readonly detail?: string; readonly shared?: string }
  /** There is a record, but it cannot be read, or an object that it names is gone or has the wrong size. */
  | {
      readonly state: 'damaged';
      readonly output: string;
      readonly detail: string;
    }
  /** There is a record, but this process may not read it, or an object that it names. */
  | { readonly state: 'closed'; readonly detail: string };

export interface StoreOptions {
  /** A store that is only read: what is not in the own one is looked up there and taken over. */
  readonly shared?: string;
  /** Which records of the shared store are taken over; default: all that fit. */
  readonly accepts?: (record: ActionRecord) => boolean;
}

/** The content-addressed store of one folder: looks up and commits actions. See the top of this file for what lies where. */
export class Store {
  readonly dir: string;
  readonly #shared: Store | undefined;
  readonly #accepts: (record: ActionRecord) => boolean;
  readonly #commits = new GroupCommit();
  #visit: Visit | undefined;
  #users = 0;

  constructor(dir: string, { shared, accepts = () => true }: StoreOptions = {}) {
    this.dir = dir;
    this.#accepts = accepts;
    this.#shared = shared === undefined ? undefined : new Store(shared);
  }

  objectPath(hash: ContentHash): string {
    return join(this.dir, 'objects', hash.slice(0, 2), hash);
  }

  recordPath(key: ActionKey): string {
    return join(this.dir, 'actions', key.slice(0, 2), `${key}.json`);
  }

  /** Creates the folders. Throws a store error if the place cannot be written, or the shared one not be read. */
  prepare(): void {
    prepareStore(this.dir);
    if (this.#shared !== undefined) requireStore(this.#shared.dir);
  }

  /**
   * Prepares the store and shows to others that it is in use while `body` runs: see locks/session-lock.ts. The body is told of
   * processes that never left the store, whose scratch files are gone by now.
   */
  async use<T>(
    body: (departed: readonly Departed[]) => Promise<T>,
    { signal, onWait, run }: { signal?: AbortSignal; onWait?: OnWait; run?: string } = {},
  ): Promise<T> {
    this.prepare();
    this.#visit ??= visit(this.dir, run);
    this.#users++;
    try {
      await waitForCollector(this.dir, signal, onWait);
      return await body(await sweep(this.dir));
    } finally {
      if (--this.#users === 0) {
        this.#visit?.leave();
        this.#visit = undefined;
      }
    }
  }

  /**
   * Throws if another process has taken this one for dead, because it was asleep for long, and cleared away what it
   * had here: what it is about to commit may rest on objects that are collected by now.
   */
  requireVisit(): void {
    if (this.#visit === undefined || this.#visit.isValid()) return;
    throw new RankloomError(
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
   * The record of a key, if everything that it names is there. What only the shared store has is taken over if
   * this one is in use (`use`), and else named as it is: who only asks changes nothing.
   */
  lookup(key: ActionKey): Lookup {
    const own = this.#lookupHere(key);
    if (own.state === 'hit' || this.#shared === undefined) return own;
    const other = this.#shared.#lookupHere(key);
    // What the shared store has and cannot be used is made here, but not without a word.
    if (other.state === 'closed' || other.state === 'damaged')
      return own.state === 'miss' ? { ...own, shared: `the shared store has it, but ${other.detail}` } : own;
    if (other.state !== 'hit' || !this.#accepts(other.record)) return own;
    if (this.#users === 0) return { ...other, from: this.#shared.dir };
    const problem = this.#adopt(other.record, this.#shared);
    if (problem === undefined) return other;
    return own.state === 'miss' ? { ...own, shared: problem } : own;
  }

  #lookupHere(key: ActionKey): Lookup {
    const found = readRecordFile(this.recordPath(key), key);
    switch (found.state) {
      case 'absent':
        return { state: 'miss' };
      case 'foreign':
        return { state: 'miss', detail: otherSchema(found.schema) };
      case 'damaged':
        return { state: 'damaged', output: 'the record', detail: `${this.recordPath(key)} ${found.detail}` };
      case 'closed':
        return { state: 'closed', detail: found.detail };
      case 'whole': {
        const problem = this.#problemOf(found.record);
        if (problem === undefined) return { state: 'hit', record: found.record };
        return problem.isClosed
          ? { state: 'closed', detail: problem.detail }
          : { state: 'damaged', output: problem.output, detail: problem.detail };
      }
    }
  }

  #problemOf({ outputs }: ActionRecord): (Problem & { output: string }) | undefined {
    for (const [slot, output] of Object.entries(outputs)) {
      for (const { hash, bytes } of [output, ...Object.values(output.files ?? {})]) {
        const problem = problemWith(this.objectPath(hash), bytes);
        if (problem !== undefined) return { output: slot, ...problem };
      }
    }
    return undefined;
  }

  /** Takes a record and what it names over from the shared store. Returns what is wrong with it there. */
  #adopt(record: ActionRecord, shared: Store): string | undefined {
    try {
      for (const { hash, bytes } of filesOf(record)) {
        if (problemWith(this.objectPath(hash), bytes) === undefined) continue;
        const problem = adoptObject(shared.objectPath(hash), this.objectPath(hash), hash, this.temporary());
        if (problem !== undefined) return problem;
      }
      this.#write(this.recordPath(record.key), recordText(record));
      return undefined;
    } catch (error) {
      throw diskError(error, this.dir) ?? error;
    }
  }

  /** In words, if the record of a key is of another version of the framework. */
  otherVersion(key: ActionKey): string | undefined {
    const found = readRecordFile(this.recordPath(key), key);
    return found.state === 'foreign' ? otherSchema(found.schema) : undefined;
  }

  #readRecord(key: ActionKey): ActionRecord | undefined {
    const found = readRecordFile(this.recordPath(key), key);
    return found.state === 'whole' ? found.record : undefined;
  }

  /** A scratch folder on the store's own file system, so that a rename can move from it. */
  scratch(): string {
    const path = this.temporary();
    mkdirSync(path);
    return path;
  }

  /** A name in tmp/ that nobody else uses. What lies there goes when this process has left the store. */
  temporary(): string {
    this.#visit ??= visit(this.dir);
    return join(this.dir, 'tmp', `${this.#visit.id}-${randomBytes(6).toString('hex')}`);
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
    for (const path of [...objects.map(({ to }) => to), this.recordPath(record.key)]) this.#clear(path);
    await this.#commits.add({
      objects,
      record: { temporary: this.temporary(), path: this.recordPath(record.key), text },
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
    if (problem !== undefined) quarantine(this.dir, path, { detail: problem });
    return problem === undefined;
  }

  /** A folder in the place of a file does not make way by itself. */
  #clear(path: string): void {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory())
      quarantine(this.dir, path, { detail: 'is not a file' });
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
    writeCache(this.#targetPath(target), `${JSON.stringify({ target, key, recent })}\n`, this.temporary());
  }

  /** The keys that a target had, the last first. */
  recentKeys(target: string): RecentKey[] {
    if (!existsSync(this.#targetPath(target))) return []; // an exception would cost ten times as much
    try {
      return parseRecent(readFileSync(this.#targetPath(target), 'utf8'), target);
    } catch {
      return []; // it explains, and no result is lost with it
    }
  }

  /** The record of a key, whether or not its outputs are there. */
  recordOf(key: ActionKey): ActionRecord | undefined {
    return this.#readRecord(key);
  }

  #targetPath(target: string): string {
    return join(this.dir, 'targets', `${targetFile(target)}.json`);
  }
}

const otherSchema = (found: number) =>
  `its record is of schema ${found}, and this version of ${hintOf('program')} reads schema ${KEY_SCHEMA}`;

/** The store in this folder. Writes nothing: `prepare` does. */
export function openStore(dir: string, options?: StoreOptions): Store {
  return new Store(dir, options);
}
