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
import { dataError } from '../errors.ts';
import { denied } from '../permission.ts';
import { patiently, writeCache } from './durable.ts';
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

export class StatCache {
  readonly #file: string;
  readonly #entries: Map<string, Entry>;
  readonly #running = new Map<string, Promise<ContentHash>>();
  #changed = false;

  constructor(file: string) {
    this.#file = file;
    this.#entries = readEntries(file);
  }

  /** The content hash of a file, whose stat may be known. A missing or unreadable file is a data error. */
  async hash(path: string, found?: BigIntStats): Promise<ContentHash> {
    const stat = found === undefined ? fingerprint(path) : fingerprintOf(found);
    const known = this.#entries.get(path);
    if (known?.settled && known.stat === stat.text) return known.hash;
    const hash = await hashFile(path).catch((error) => {
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
    } catch {
      return false;
    }
  }

  /** Several actions that end at once ask for the same file. */
  #hashOnce(path: string): Promise<ContentHash> {
    const running = this.#running.get(path) ?? this.hash(path).finally(() => this.#running.delete(path));
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

/** SHA-256 of a file of any size, as hex. */
export async function hashFile(path: string): Promise<ContentHash> {
  const hash = createHash('sha256');
  const file = await patiently(() => open(path, 'r'));
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return hash.digest('hex') as ContentHash;
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
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
