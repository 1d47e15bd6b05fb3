/**
 * SHA-256 of files outside the store, cached by their stat (device, inode, size, mtime, ctime), so that an up-to-date run
 * does not read a 20 GB file again.
 *
 * Racily-clean rule (as in git's index): a file changed at about the time it was hashed might change once more without a
 * new timestamp, so an entry is valid only if the file had been unchanged for a while before it was hashed.
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
  /** False if the file had changed too recently when it was hashed. */
  settled: boolean;
}

const SETTLED_MS = 100;
/** Settling time for file systems with timestamps in whole seconds (FAT: two seconds). */
const COARSE_SETTLED_MS = 2_100;

/** Control of hashing, which may take long: signals that abort it, and a progress listener. */
export interface HashWatch {
  /** Aborted when the hash is no longer needed. */
  readonly signal?: AbortSignal;
  /** Signal for rechecking files that an action has read; separate, because running actions may finish during draining. */
  readonly kill?: AbortSignal;
  /** Called from time to time with the progress on a large file, in bytes, and once more at its end. */
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

  /** Content hash of a file; pass its stat in `found` if known. Throws a data error for a missing or unreadable file. */
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
   * Whether a file still has the bytes of a hash. If its stat changed (a backup made a link, or its mode or times were
   * changed), the file is hashed again. Does not detect bytes that changed temporarily and are the same again.
   */
  async isStill(path: string, hash: string): Promise<boolean> {
    const known = this.#entries.get(path);
    try {
      // Unsettled entries count too: within this process, the stat has not changed since the file was hashed.
      if (known?.hash === hash && known.stat === fingerprint(path).text) return true;
      return (await this.#hashOnce(path)) === hash;
    } catch (error) {
      if ((error as Partial<OperationalError>).kind === 'interrupted') throw error;
      return false;
    }
  }

  /** Listing of a folder. Hashes of its files are cached one by one; names are read anew each time. */
  listing(folder: string, signal?: AbortSignal): Promise<string> {
    return folderListing(folder, (path) => this.hash(path, { signal }));
  }

  /** Whether a folder still has the same names with the same bytes; see `isStill`. */
  async isFolderStill(folder: string, hash: string): Promise<boolean> {
    try {
      return listingHash(await this.listing(folder, this.#watch.kill)) === hash;
    } catch (error) {
      if ((error as Partial<OperationalError>).kind === 'interrupted') throw error;
      return false;
    }
  }

  /** Hashes a file; concurrent calls share one result, because actions that end together often ask for the same file. */
  #hashOnce(path: string): Promise<ContentHash> {
    const running =
      this.#running.get(path) ??
      this.hash(path, { signal: this.#watch.kill }).finally(() => this.#running.delete(path));
    this.#running.set(path, running);
    return running;
  }

  /** Writes the cache for later processes. Losing it costs time, never correctness. */
  save(): void {
    if (!this.#changed) return;
    const text = JSON.stringify([...this.#entries]);
    writeCache(this.#file, `${sumOf(text)}\n${text}`);
    this.#changed = false;
  }
}

const sumOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** Reads the saved cache. Ignores a file whose checksum does not match, because a wrong hash would go unnoticed. */
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
  /** True if the file's times are whole seconds, as they probably are on all of its file system. */
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

/** Data error for a file without read permission; undefined for any other error. */
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

/** Delay of the first progress report on a file, and interval of the next ones. */
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
    // A read that hangs on a network file system would block closing the file too.
    const closed = file.close();
    if (isPending) closed.catch(() => {});
    else await closed;
  }
}

/** Promise that rejects when a signal is aborted. */
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

/** SHA-256 of a file, like `hashFile` but synchronous, for work that must not be interleaved. */
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
