/**
 * What the identity of some code rests on: every question that was asked of the file system and of the environment,
 * with its answer. Code is identified by asking in no other way, so an identity holds exactly as long as all answers
 * do: the same files, but also the same nothing where a nearer file could stand, and links that lead to the same place.
 *
 * The answers of one object are those of one moment: each question is asked once.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { configError, dataError } from '../../errors.ts';
import type { StatCache } from '../keys/stat-cache.ts';

/** What lies at a path, all links followed. */
export interface Place {
  readonly kind: 'file' | 'folder';
  /** Its path without links. */
  readonly real: string;
}

/** As far as it matters for finding and running code. */
export interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly type?: unknown;
  readonly main?: unknown;
  readonly exports?: unknown;
  readonly imports?: unknown;
  readonly dependencies?: Readonly<Record<string, unknown>>;
  readonly optionalDependencies?: Readonly<Record<string, unknown>>;
  readonly peerDependencies?: Readonly<Record<string, unknown>>;
}

/** A question: its sort, a colon, and a path or a name. */
export type Question = `${'place' | 'hash' | 'list' | 'env'}:${string}`;

const NOTHING = '-';

export class CodeFacts {
  readonly #stats: StatCache;
  readonly #answers = new Map<Question, string>();
  readonly #places = new Map<string, Place | undefined>();
  readonly #fileStats = new Map<string, BigIntStats>();
  readonly #manifests = new Map<string, Manifest>();
  readonly #texts = new Map<string, string>();

  constructor(stats: StatCache) {
    this.#stats = stats;
  }

  /** The answer of now. Throws if a file cannot be read. */
  async answer(question: Question): Promise<string> {
    const known = this.#answers.get(question);
    if (known !== undefined) return known;
    const at = question.indexOf(':');
    const about = question.slice(at + 1);
    switch (question.slice(0, at)) {
      case 'place':
        this.#place(about);
        break;
      case 'hash':
        this.#answers.set(question, await this.#hash(about));
        break;
      case 'list':
        this.#list(about);
        break;
      default:
        this.#answers.set(question, hashOf(process.env[about]));
    }
    return this.#answers.get(question)!;
  }

  /** The answer of then, to a question that was asked. */
  known(question: Question): string | undefined {
    return this.#answers.get(question);
  }

  /** As `answer`, for what takes no waiting; undefined for a hash that is not known yet. */
  quickAnswer(question: Question): string | undefined {
    if (question.startsWith('place:')) this.#place(question.slice('place:'.length));
    return this.#answers.get(question);
  }

  /** A way to ask that takes note of what was asked. */
  trace(): Trace {
    const asked = new Map<Question, string>();
    const noted = <T>(question: Question, value: T): T => {
      asked.set(question, this.#answers.get(question)!);
      return value;
    };
    const hash = async (path: string) => {
      const question: Question = `hash:${path}`;
      return noted(question, await this.answer(question));
    };
    const text = async (path: string) => {
      const known = this.#texts.get(path);
      const digest = await hash(path);
      if (known !== undefined) return known;
      const bytes = readFileSync(path);
      if (createHash('sha256').update(bytes).digest('hex') !== digest) {
        throw dataError(`${path} changed while it was read`, { where: path, hint: 'run again' });
      }
      const read = bytes.toString('utf8');
      this.#texts.set(path, read);
      return read;
    };
    const place = (path: string) => noted(`place:${path}`, this.#place(path));
    return {
      asked,
      place,
      hash,
      text,
      list: (folder) => noted(`list:${folder}`, this.#list(folder)),
      manifest: async (folder) => {
        const file = place(join(folder, 'package.json'));
        if (file?.kind !== 'file') return undefined;
        const content = await text(file.real);
        let manifest = this.#manifests.get(file.real);
        if (manifest === undefined) {
          manifest = parseManifest(content, file.real);
          this.#manifests.set(file.real, manifest);
        }
        return manifest;
      },
      variable: async (name) => noted(`env:${name}`, await this.answer(`env:${name}`)),
    };
  }

  #place(path: string): Place | undefined {
    if (this.#places.has(path)) return this.#places.get(path);
    const place = this.#look(path);
    this.#places.set(path, place);
    const answer =
      place === undefined ? NOTHING : place.real === path ? place.kind : `${place.kind} ${place.real}`;
    this.#answers.set(`place:${path}`, answer);
    return place;
  }

  #look(path: string): Place | undefined {
    const parent = dirname(path);
    if (parent === path) return { kind: 'folder', real: path };
    const above = this.#place(parent);
    if (above?.kind !== 'folder') return undefined;
    const own = join(above.real, basename(path));
    const stat = lstatSync(own, { bigint: true, throwIfNoEntry: false });
    if (stat?.isFile()) this.#fileStats.set(own, stat);
    if (!stat?.isSymbolicLink()) return stat && placeOf(stat, own);
    try {
      return placeOf(statSync(own), realpathSync(own));
    } catch {
      return undefined; // it leads nowhere
    }
  }

  /** Of a path without links. */
  async #hash(path: string): Promise<string> {
    const place = this.#place(path);
    const isThere = place?.kind === 'file' && place.real === path;
    return isThere ? await this.#stats.hash(path, { found: this.#fileStats.get(path) }) : NOTHING;
  }

  /** Names in a folder with a letter each for a file, a folder, or something else; sorted. */
  #list(folder: string): readonly (readonly [string, 'f' | 'd' | 'o'])[] {
    const entries = readdirSync(folder, { withFileTypes: true }).map(
      (e) => [e.name, e.isFile() ? 'f' : e.isDirectory() ? 'd' : 'o'] as const,
    );
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    this.#answers.set(
      `list:${folder}`,
      createHash('sha256')
        .update(entries.map(([name, type]) => `${type}${name}\0`).join(''))
        .digest('hex'),
    );
    return entries;
  }
}

/** Questions to one moment, and which of them were asked. */
export interface Trace {
  readonly asked: ReadonlyMap<Question, string>;
  /** What lies at an absolute path; undefined if nothing does. */
  place(path: string): Place | undefined;
  /** SHA-256 of a file, as hex. */
  hash(path: string): Promise<string>;
  text(path: string): Promise<string>;
  list(folder: string): readonly (readonly [name: string, type: 'f' | 'd' | 'o'])[];
  /** The package.json in a folder; undefined if there is none. */
  manifest(folder: string): Promise<Manifest | undefined>;
  /** A hash of the value of a variable of the environment. */
  variable(name: string): Promise<string>;
}

/** A hash of all files in a folder and of their names; `skip` names folders at its top that do not count. */
export async function hashFolder(
  trace: Trace,
  folder: string,
  { skip = [], onFile }: { skip?: readonly string[]; onFile?: (path: string) => void } = {},
): Promise<string> {
  const hash = createHash('sha256');
  const visit = async (at: string, name: string, above: readonly string[]): Promise<void> => {
    for (const [entry, type] of trace.list(at)) {
      if (name === '' && skip.includes(entry)) continue;
      const place = type === 'o' ? trace.place(join(at, entry)) : undefined;
      const path = place?.real ?? join(at, entry);
      const isFolder = type === 'd' || place?.kind === 'folder';
      const isFile = type === 'f' || place?.kind === 'file';
      const inside = `${name}${entry}`;
      if (isFolder && !above.includes(path)) {
        hash.update(`folder ${inside}\0`);
        await visit(path, `${inside}/`, [...above, path]);
      } else if (isFile) {
        onFile?.(path);
        hash.update(`file ${inside}\0${await trace.hash(path)}\0`);
      } else hash.update(`other ${inside}\0`);
    }
  };
  await visit(folder, '', [folder]);
  return hash.digest('hex');
}

function placeOf(stat: { isFile(): boolean; isDirectory(): boolean }, real: string): Place | undefined {
  if (stat.isFile()) return { kind: 'file', real };
  return stat.isDirectory() ? { kind: 'folder', real } : undefined;
}

function hashOf(value: string | undefined): string {
  return value === undefined ? NOTHING : createHash('sha256').update(value).digest('hex');
}

function parseManifest(text: string, where: string): Manifest {
  try {
    const manifest = JSON.parse(text) as unknown;
    return typeof manifest === 'object' && manifest !== null ? manifest : {};
  } catch (cause) {
    throw configError(`cannot read ${where}: ${(cause as Error).message}`, { where, cause });
  }
}
