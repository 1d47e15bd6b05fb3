/**
 * Code identity: what a stage's code is, for its key. A stage's file is bundled with everything of ours that
 * it uses, tree-shaken and without comments (bundle.ts); the hash of that text, of the files that it names, of the
 * variables of the environment that it reads, and of the npm packages that it imports (packages.ts) is the identity. So a
 * comment or an unused helper changes nothing, and a used helper changes exactly the stages that use it.
 *
 * What counts is what Node would load now: where each import leads is found out as Node does it (node-resolution.ts),
 * and a remembered identity counts only if every question that was asked then has the same answer (facts.ts). Code
 * that cannot be followed is refused with its place (references.ts).
 *
 * Code that just some instances of a stage run (one encoding of many, a user's own file) is bundled by itself and
 * joins the identity of those instances; see `code` and `externals` of a stage.
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

/** One identity for code from several entries. */
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

/** Identities of stages, remembered from run to run as long as all that they rest on stays the same. */
export class CodeIdentities {
  readonly #cacheFile: string;
  readonly #stats: StatCache;
  readonly #remembered: Memory;
  /** What the modules say, by the hashes in `pieces`. */
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

  /** Identifies what is not identified yet. Code that cannot be followed is told of by `get`. */
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
        const { identify } = await import('./identify.ts'); // mostly, nothing is to be identified
        const identified = await identify(entry, trace, this.texts);
        this.#found.set(key, identified);
        this.#remembered.set(key, identified, trace.asked);
        this.#changed = true;
      } catch (error) {
        this.#failed.set(key, unreadable(error, entry));
      }
    }
  }

  /** The identity of code that was prepared. Throws a config error if it cannot be read or followed. */
  get(entry: CodeEntry): CodeIdentity {
    return this.#known(entry).identity;
  }

  /** What this code is made of, and may use. */
  partsOf(entries: readonly CodeEntry[]): Omit<Identified, 'identity'>[] {
    return entries.map((entry) => this.#known(entry));
  }

  /** Files of this code that changed since it was identified. */
  async changedFiles(entries: readonly CodeEntry[]): Promise<string[]> {
    const changed: string[] = [];
    for (const entry of entries) {
      const key = keyOf(entry);
      for (const file of this.#found.get(key)?.files ?? []) {
        const hash = this.#facts.known(`hash:${file}`);
        if (hash !== undefined && !(await this.#stats.isStill(file, hash))) changed.push(file);
      }
      // Nobody shadows modules of the framework while it runs.
      if (!isFramework(pathOf(entry.module))) changed.push(...this.#moved(key));
    }
    return changed;
  }

  /** Where something lies otherwise than when this code was identified: so an import may lead elsewhere. */
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

  /** Keeps what was learned for the next process. */
  save(): void {
    if (!this.#changed) return;
    this.texts.save();
    writeFileAtomic(this.#cacheFile, this.#remembered.text());
    this.#changed = false;
  }
}

/** What to say where the system refuses to read; any other error as it is. */
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
  /** Questions and answers, each once: most are those of many entries. */
  readonly facts: readonly (readonly [Question, string])[];
  readonly entries: Readonly<Record<string, Identified & { readonly facts: readonly number[] }>>;
}

const NOTHING_SAVED: Saved = { scheme: SCHEME, options: optionsOfCode(), facts: [], entries: {} };

/** What an earlier process found out. */
class Memory {
  readonly #saved: Saved;
  /** Whether a fact is one still; undefined if nobody asked. */
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

  /** What is known of an entry, if all that it rests on is as it was. */
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
      return false; // it cannot be read any more: who identifies the code anew says why
    }
  }

  /** Takes note of what was found out, and of the questions that it rests on. */
  set(key: string, identified: Identified, asked: ReadonlyMap<Question, string>): void {
    this.#fresh.set(key, { identified, asked });
  }

  /** The questions of where things lie that an entry rests on, with their answers. */
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
      // That a file is there, under its own name, shows in its hash as well.
      const facts = [...asked]
        .filter(([question]) => !question.startsWith('place:') || !asked.has(`hash:${question.slice(6)}`))
        .map(([question, answer]) => numberOf(question, answer));
      entries[key] = { ...identified, facts };
    }
    return JSON.stringify({ ...NOTHING_SAVED, facts, entries } satisfies Saved);
  }
}
