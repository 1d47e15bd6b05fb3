/**
 * Facts that a code identity depends on: every question asked of the file system and of the environment, with its answer.
 * Identification asks in no other way, so an identity holds exactly as long as all answers do: the same files, the same
 * absence where a nearer file could be found, and links that resolve to the same place.
 *
 * The answers of one object belong to one moment: each question is asked once.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { configError, dataError } from '../../errors.ts';
import type { StatCache } from '../keys/stat-cache.ts';

/** File or folder at a path, with all links resolved. */
export interface Place {
  readonly kind: 'file' | 'folder';
  /** Real path, without links. */
  readonly real: string;
}

/** Fields of a package.json that matter for resolving and running code. */
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

/** Question: its kind, a colon, and a path or a variable name. */
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

  /** Answers a question, once per object. Throws if a file cannot be read. */
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

  /** Returns the answer given to an earlier question; undefined if the question was not asked. */
  known(question: Question): string | undefined {
    return this.#answers.get(question);
  }

  /** Answers synchronously: a `place` always, any other question only if its answer is known already. */
  quickAnswer(question: Question): string | undefined {
    if (question.startsWith('place:')) this.#place(question.slice('place:'.length));
    return this.#answers.get(question);
  }

  /** Creates an interface for asking that records the questions. */
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
      return undefined; // a dangling link
    }
  }

  /** SHA-256 of the file at a real path; `NOTHING` if there is no file or the path has links. */
  async #hash(path: string): Promise<string> {
    const place = this.#place(path);
    const isThere = place?.kind === 'file' && place.real === path;
    return isThere ? await this.#stats.hash(path, { found: this.#fileStats.get(path) }) : NOTHING;
  }

  /** Sorted names in a folder, each with a letter: `f` for a file, `d` for a folder, `o` for anything else. */
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

/** Interface for asking questions, and a record of the questions asked. */
export interface Trace {
  readonly asked: ReadonlyMap<Question, string>;
  /** File or folder at an absolute path; undefined if there is none. */
  place(path: string): Place | undefined;
  /** SHA-256 of a file, as hex. */
  hash(path: string): Promise<string>;
  text(path: string): Promise<string>;
  list(folder: string): readonly (readonly [name: string, type: 'f' | 'd' | 'o'])[];
  /** Content of the package.json in a folder; undefined if there is none. */
  manifest(folder: string): Promise<Manifest | undefined>;
  /** Hash of the value of an environment variable. */
  variable(name: string): Promise<string>;
}

/** Hash of the names and contents of all files in a folder; `skip` names top-level entries to leave out. */
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
