/**
 * Code identity: the part of a cache key that stands for a stage's code. A stage's file is bundled with every module it
 * uses outside packages, tree-shaken and without comments (bundle.ts). The identity is the hash of that text, of the files
 * the code names, of the environment variables it reads, and of the npm packages it imports (packages.ts). So a change in
 * a comment or an unused helper changes no identity, and a change in a used helper changes those of its users only.
 *
 * The identity covers the code that Node would load now: imports are resolved by Node's rules (node-resolution.ts), and a
 * cached identity is valid only if every question asked for it still has the same answer (facts.ts). Code that cannot be
 * followed is refused, with its location (references.ts).
 *
 * Code that only some instances of a stage run (one encoding of many, a user's own file) is bundled separately and joined
 * to the identity of those instances; see `code` and `externals` of a stage.
 */
import { readFileSync } from 'node:fs';
import { configError, OperationalError } from '../../errors.ts';
import { writeFileAtomic } from '../files/durable.ts';
import { KeptTexts } from '../files/kept-texts.ts';
import { canonicalHash } from '../keys/canonical.ts';
import type { CodeHash } from '../keys/key.ts';
import type { StatCache } from '../keys/stat-cache.ts';
import type { Identified } from './code-entry.ts';
import { type CodeEntry, type CodeIdentity, pathOf, SCHEME } from './code-entry.ts';
import { CodeFacts, type Question } from './facts.ts';
import { isFramework } from './framework.ts';
import { keepsLinks, optionsOfCode } from './node-options.ts';

/** Combines the identities of several entries into one. */
export function joinIdentities(identities: readonly CodeIdentity[]): CodeIdentity {
  if (identities.length === 1) return identities[0];
  return {
    hash: canonicalHash({ scheme: SCHEME, joined: identities.map(({ hash }) => hash) }) as CodeHash,
    pieces: Object.assign({}, ...identities.map(({ pieces }) => pieces)),
  };
}

const LINKS_KEPT = configError(
  'code cannot be followed under --preserve-symlinks: links are modules of their own then',
  {
    expected: 'Node without --preserve-symlinks',
    where: 'the command line of Node, or NODE_OPTIONS',
  },
);

/** Where identities are remembered, and the folder of the texts that they are made of. */
export interface CodePaths {
  readonly cacheFile: string;
  readonly texts: string;
}

/** Code identities of stages, cached between runs as long as all facts they depend on stay the same. */
export class CodeIdentities {
  readonly #cacheFile: string;
  readonly #stats: StatCache;
  readonly #remembered: Memory;
  /** Texts of the modules, by the hashes in `pieces`. */
  readonly texts: KeptTexts;
  readonly #facts: CodeFacts;
  readonly #found = new Map<string, Identified>();
  readonly #failed = new Map<string, unknown>();
  #changed = false;

  constructor({ cacheFile, texts }: CodePaths, stats: StatCache) {
    this.#cacheFile = cacheFile;
    this.#stats = stats;
    this.#remembered = Memory.read(cacheFile);
    this.texts = new KeptTexts(texts);
    this.#facts = new CodeFacts(stats);
  }

  /** Identifies entries that are not identified yet. Does not throw for code that cannot be followed: `get` does. */
  async prepare(entries: readonly CodeEntry[]): Promise<void> {
    for (const entry of entries) {
      const key = keyOf(entry);
      if (this.#found.has(key) || this.#failed.has(key)) continue;
      const remembered = await this.#remembered.valid(key, this.#facts);
      if (remembered !== undefined) {
        this.#found.set(key, remembered);
        continue;
      }
      const trace = this.#facts.trace();
      try {
        if (keepsLinks() && !isFramework(pathOf(entry.module))) throw LINKS_KEPT;
        const { identify } = await import('./identify.ts'); // rarely needed: most identities are cached
        const identified = await identify(entry, trace, this.texts);
        this.#found.set(key, identified);
        this.#remembered.set(key, identified, trace.asked);
        this.#changed = true;
      } catch (error) {
        this.#failed.set(key, unreadable(error, entry));
      }
    }
  }

  /** Returns the identity of a prepared entry. Throws a config error if its code cannot be read or followed. */
  get(entry: CodeEntry): CodeIdentity {
    return this.#known(entry).identity;
  }

  /** Files, folders and environment variables that the code of these entries consists of or may use. */
  partsOf(entries: readonly CodeEntry[]): Omit<Identified, 'identity'>[] {
    return entries.map((entry) => this.#known(entry));
  }

  /** Files of these entries that changed since they were identified. */
  async changedFiles(entries: readonly CodeEntry[]): Promise<string[]> {
    const changed: string[] = [];
    for (const entry of entries) {
      const key = keyOf(entry);
      for (const file of this.#found.get(key)?.files ?? []) {
        const hash = this.#facts.known(`hash:${file}`);
        if (hash !== undefined && !(await this.#stats.isStill(file, hash))) changed.push(file);
      }
      // Modules of the framework are assumed not to be shadowed while it runs.
      if (!isFramework(pathOf(entry.module))) changed.push(...this.#moved(key));
    }
    return changed;
  }

  /** Paths whose file, folder or link target changed since the code was identified: an import may resolve differently now. */
  #moved(key: string): string[] {
    const now = new CodeFacts(this.#stats);
    return [...this.#remembered.placesOf(key)].flatMap(([question, answer]) => {
      return now.quickAnswer(question) === answer ? [] : [question.slice('place:'.length)];
    });
  }

  #known(entry: CodeEntry): Identified {
    const key = keyOf(entry);
    if (this.#failed.has(key)) throw this.#failed.get(key);
    return this.#found.get(key)!;
  }

  /** Writes new identities to the cache file for later processes. */
  save(): void {
    if (!this.#changed) return;
    this.texts.save();
    writeFileAtomic(this.#cacheFile, this.#remembered.text());
    this.#changed = false;
  }
}

/** Config error for a file system error; returns any other error unchanged. */
function unreadable(error: unknown, { module }: CodeEntry): unknown {
  const { code, message, path } = error as NodeJS.ErrnoException;
  if (error instanceof OperationalError || code === undefined || path === undefined) return error;
  return configError(`cannot read the code: ${message}`, {
    expected: 'files and folders of code that may be read',
    where: path ?? pathOf(module),
    cause: error,
  });
}

function keyOf({ module, externals = [], names = {} }: CodeEntry): string {
  return JSON.stringify([module, externals, names]);
}

interface Saved {
  readonly scheme: number;
  readonly options: readonly string[];
  /** Questions with answers, each stored once: many entries share most of them. */
  readonly facts: readonly (readonly [Question, string])[];
  readonly entries: Readonly<Record<string, Identified & { readonly facts: readonly number[] }>>;
}

const NOTHING_SAVED: Saved = { scheme: SCHEME, options: optionsOfCode(), facts: [], entries: {} };

/** Identities found by earlier processes, and new ones of this process. */
class Memory {
  readonly #saved: Saved;
  /** Whether each saved fact still holds; undefined if not checked yet. */
  readonly #holds: (boolean | undefined)[] = [];
  readonly #fresh = new Map<string, { identified: Identified; asked: ReadonlyMap<Question, string> }>();

  private constructor(saved: Saved) {
    this.#saved = saved;
  }

  static read(file: string): Memory {
    try {
      const saved = JSON.parse(readFileSync(file, 'utf8')) as Saved;
      const isOurs = saved.scheme === SCHEME && saved.options.join() === NOTHING_SAVED.options.join();
      return new Memory(isOurs ? saved : NOTHING_SAVED);
    } catch {
      return new Memory(NOTHING_SAVED);
    }
  }

  /** Returns the cached result for an entry if every fact it depends on still holds. */
  async valid(key: string, facts: CodeFacts): Promise<Identified | undefined> {
    const entry = Object.hasOwn(this.#saved.entries, key) ? this.#saved.entries[key] : undefined;
    if (entry === undefined) return undefined;
    for (const index of entry.facts) {
      this.#holds[index] ??= await this.#isTrue(index, facts);
      if (!this.#holds[index]) return undefined;
    }
    return entry;
  }

  async #isTrue(index: number, facts: CodeFacts): Promise<boolean> {
    const [question, answer] = this.#saved.facts[index];
    try {
      return (facts.quickAnswer(question) ?? (await facts.answer(question))) === answer;
    } catch {
      return false; // no longer readable; identifying the code again reports the reason
    }
  }

  /** Records a new result with the questions it depends on. */
  set(key: string, identified: Identified, asked: ReadonlyMap<Question, string>): void {
    this.#fresh.set(key, { identified, asked });
  }

  /** `place` questions that an entry depends on, with their answers. */
  *placesOf(key: string): Iterable<readonly [Question, string]> {
    const fresh = this.#fresh.get(key)?.asked;
    const saved = Object.hasOwn(this.#saved.entries, key) ? this.#saved.entries[key].facts : [];
    for (const fact of fresh ?? saved.map((index) => this.#saved.facts[index])) {
      if (fact[0].startsWith('place:')) yield fact;
    }
  }

  text(): string {
    const numbers = new Map<string, number>();
    const facts: (readonly [Question, string])[] = [];
    const numberOf = (question: Question, answer: string) => {
      const both = `${question}\0${answer}`;
      let number = numbers.get(both);
      if (number === undefined) {
        number = facts.length;
        numbers.set(both, number);
        facts.push([question, answer]);
      }
      return number;
    };
    const entries: Record<string, Identified & { facts: number[] }> = {};
    for (const [key, { facts: old, ...entry }] of Object.entries(this.#saved.entries)) {
      if (this.#fresh.has(key)) continue;
      entries[key] = { ...entry, facts: old.map((index) => numberOf(...this.#saved.facts[index])) };
    }
    for (const [key, { identified, asked }] of this.#fresh) {
      // The hash of a file also implies that it exists and is no link.
      const facts = [...asked]
        .filter(([question]) => !question.startsWith('place:') || !asked.has(`hash:${question.slice(6)}`))
        .map(([question, answer]) => numberOf(question, answer));
      entries[key] = { ...identified, facts };
    }
    return JSON.stringify({ ...NOTHING_SAVED, facts, entries } satisfies Saved);
  }
}
