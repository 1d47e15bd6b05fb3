/**
 * SHA-256 of files outside the store, remembered by their stat (device, inode, size, mtime, ctime), so that
 * a run that changes nothing does not read a 20 GB atlas again.
 *
 * The racily-clean rule (as in git's index): a file that was changed at about the time it was hashed might
 * change once more without its times moving, so an entry counts only if the file had been still for a while
 * before it was hashed.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dataError, OperationalError } from '../../errors.ts';
import { denied } from '../../permission.ts';
import { patiently, writeCache } from '../files/durable.ts';
import { noteDoubt } from '../processes/stuck-threads.ts';
import { folderListing, listingHash } from './folder.ts';
import type { ContentHash } from './key.ts';

interface Entry {
  stat: string;
  hash: ContentHash;
  /** False if the file was too fresh when it was hashed. */
  settled: boolean;
}

const SETTLED_MS = 100;
/** File systems that stamp whole seconds (FAT: even ones) cannot tell two changes within them apart. */
const COARSE_SETTLED_MS = 2_100;

/** The watch over hashing, which may take long: signals that end it, and a listener for its progress. */
export interface HashWatch {
  /** Aborted when the hash is of no use any more. */
  readonly signal?: AbortSignal;
  /** The same for files that an action has read: what runs may be finished when nothing new is to start. */
  readonly kill?: AbortSignal;
  /** Hears now and then how far a large file is, in bytes, and once more at its end. */
  readonly onHashing?: (path: string, done: number, total: number) => void;
}

export class StatCache {
  readonly #file: string;
  readonly #watch: HashWatch;
  readonly #entries: Map<string, Entry>;
  readonly #running = new Map<string, Promise<ContentHash>>();
  #changed = false;

  constructor(file: string, watch: HashWatch = {}) {
    this.#file = file;
    this.#watch = watch;
    this.#entries = readEntries(file);
  }

  /** The content hash of a file, whose stat may be known. A missing or unreadable file is a data error. */
  async hash(
    path: string,
    { found, signal = this.#watch.signal }: { found?: BigIntStats; signal?: AbortSignal } = {},
  ): Promise<ContentHash> {
    const stat = found === undefined ? fingerprint(path) : fingerprintOf(found);
    const known = this.#entries.get(path);
    if (known?.settled && known.stat === stat.text) return known.hash;
    const hash = await hashFile(path, { ...this.#watch, signal }).catch((error) => {
      throw unreadable(path, error) ?? error;
    });
    const still = stat.isCoarse ? COARSE_SETTLED_MS : SETTLED_MS;
    const settled = Date.now() - stat.newestMs > still && fingerprint(path).text === stat.text;
    this.#entries.set(path, { stat: stat.text, hash, settled });
    this.#changed = true;
    return hash;
  }

  /**
   * Whether a file has the bytes of a hash. Bytes decide: where its stat moved (a backup made a link, somebody changed
   * its mode or touched it) it is hashed again. That bytes were others for a moment and are the same again is not seen.
   */
  async isStill(path: string, hash: string): Promise<boolean> {
    const known = this.#entries.get(path);
    try {
      // Also where it was hashed soon after a change: since then, in this process, its stat has not moved.
      if (known?.hash === hash && known.stat === fingerprint(path).text) return true;
      return (await this.#hashOnce(path)) === hash;
    } catch (error) {
      if ((error as Partial<OperationalError>).kind === 'interrupted') throw error;
      return false;
    }
  }

  /** The listing of a folder, whose files are remembered one by one. Names are read anew each time. */
  listing(folder: string, signal?: AbortSignal): Promise<string> {
    return folderListing(folder, (path) => this.hash(path, { signal }));
  }

  /** As `isStill`, for a folder: the same names with the same bytes. */
  async isFolderStill(folder: string, hash: string): Promise<boolean> {
    try {
      return listingHash(await this.listing(folder, this.#watch.kill)) === hash;
    } catch (error) {
      if ((error as Partial<OperationalError>).kind === 'interrupted') throw error;
      return false;
    }
  }

  /** Several actions that end at once ask for the same file. */
  #hashOnce(path: string): Promise<ContentHash> {
    const running =
      this.#running.get(path) ??
      this.hash(path, { signal: this.#watch.kill }).finally(() => this.#running.delete(path));
    this.#running.set(path, running);
    return running;
  }

  /** Keeps what was learned for the next process. Losing it costs time, never correctness. */
  save(): void {
    if (!this.#changed) return;
    const text = JSON.stringify([...this.#entries]);
    writeCache(this.#file, `${sumOf(text)}\n${text}`);
    this.#changed = false;
  }
}

const sumOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** A wrong hash here would be believed, so a file that is not just what was saved counts for nothing. */
function readEntries(file: string): Map<string, Entry> {
  try {
    const saved = readFileSync(file, 'utf8');
    const [sum] = saved.split('\n', 1);
    const text = saved.slice(sum.length + 1);
    return sum === sumOf(text) ? new Map(JSON.parse(text) as [string, Entry][]) : new Map();
  } catch {
    return new Map();
  }
}

interface Fingerprint {
  readonly text: string;
  readonly newestMs: number;
  /** The file's times are whole seconds: so are, most likely, all of its file system. */
  readonly isCoarse: boolean;
}

function fingerprint(path: string): Fingerprint {
  try {
    const s = statSync(path, { bigint: true });
    if (!s.isFile()) throw dataError(`${path} is not a file`, { expected: 'a regular file', where: path });
    return fingerprintOf(s);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw dataError(`no such file: ${path}`, {
        expected: 'a file that exists',
        where: path,
        hint: 'check the path; a relative path counts from the folder of the config',
      });
    }
    throw unreadable(path, error) ?? error;
  }
}

/** What to say of a file that may not be read; undefined for any other error. */
function unreadable(path: string, error: unknown): Error | undefined {
  const refused = denied(error, 'read');
  if (refused === undefined) return undefined;
  return dataError(refused.message, {
    expected: 'a file that may be read',
    where: path,
    hint: 'ask its owner for permission (chmod, chown), or take a copy that is yours',
  });
}

function fingerprintOf(s: BigIntStats): Fingerprint {
  return {
    text: [s.dev, s.ino, s.size, s.mtimeNs, s.ctimeNs].join(' '),
    newestMs: Math.max(Number(s.mtimeMs), Number(s.ctimeMs)),
    isCoarse: s.mtimeNs % 1_000_000_000n === 0n && s.ctimeNs % 1_000_000_000n === 0n,
  };
}

/** Told that it is hashed is a file that takes longer, and then every so often. */
const TOLD_AFTER_MS = 500;
const TOLD_EVERY_MS = 200;

/** SHA-256 of a file of any size, as hex. Rejects with an error of kind `interrupted` if the signal is aborted. */
export async function hashFile(path: string, { signal, onHashing }: HashWatch = {}): Promise<ContentHash> {
  const hash = createHash('sha256');
  const interrupted = interruptionOf(signal);
  const file = await Promise.race([patiently(() => open(path, 'r')), interrupted.promise]);
  let isPending = false;
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    const total = onHashing === undefined ? 0 : (await file.stat()).size;
    let done = 0;
    let toldMs = performance.now() + TOLD_AFTER_MS - TOLD_EVERY_MS;
    let isTold = false;
    for (;;) {
      isPending = true;
      const { bytesRead } = await Promise.race([
        file.read(buffer, 0, buffer.length, null),
        interrupted.promise,
      ]);
      isPending = false;
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      done += bytesRead;
      if (onHashing === undefined || performance.now() - toldMs < TOLD_EVERY_MS) continue;
      toldMs = performance.now();
      isTold = true;
      onHashing(path, done, Math.max(done, total));
    }
    if (isTold) onHashing?.(path, done, done);
    return hash.digest('hex') as ContentHash;
  } finally {
    interrupted.stop();
    // A read that a network does not answer would keep the file from being closed as well.
    const closed = file.close();
    if (isPending) closed.catch(() => {});
    else await closed;
  }
}

/** A promise that rejects when a signal is aborted. */
function interruptionOf(signal: AbortSignal | undefined): { promise: Promise<never>; stop: () => void } {
  let onAbort = () => {};
  const promise = new Promise<never>((_, fail) => {
    onAbort = () => {
      noteDoubt(); // a read may be under way
      fail(new OperationalError('interrupted', 'interrupted'));
    };
  });
  promise.catch(() => {});
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  return { promise, stop: () => signal?.removeEventListener('abort', onAbort) };
}

/** The same without leaving the thread, for what must be done in one go. */
export function hashFileSync(path: string): ContentHash {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (;;) {
      const read = readSync(file, buffer, 0, buffer.length, null);
      if (read === 0) return hash.digest('hex') as ContentHash;
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
}
