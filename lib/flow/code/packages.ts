/**
 * Which npm packages some imports reach: each with what it is, and with all that it depends on, found as Node finds it.
 *
 * A package that the framework needs is what npm's record says that was installed (version and integrity), as long as its
 * package.json agrees. Any other goes by its content: one of the user's, one without a record (pnpm, yarn, by hand), a
 * link. So an edit in place is seen there. What a package imports without declaring it is found in its text.
 */
import { isBuiltin } from 'node:module';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { canonicalHash } from '../keys/canonical.ts';
import { hashFolder, type Manifest, type Trace } from './facts.ts';
import { packageFolders, packageName, resolveSpecifier } from './node-resolution.ts';

/** A package that was found. */
export interface Package {
  /** Its folder, without links. */
  readonly folder: string;
  /** For people: `node_modules/a/node_modules/b`. */
  readonly label: string;
  /** Version, and npm's integrity or a hash of the content. */
  readonly version: string;
  /** What it asks for, by name; undefined where there is none. */
  readonly dependencies: Map<string, Package | undefined>;
}

interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
}

/** The folder of the package that a file in node_modules belongs to; undefined for one that lies elsewhere. */
export function packageFolderOf(file: string): string | undefined {
  const at = file.lastIndexOf('/node_modules/');
  if (at < 0) return undefined;
  const start = at + '/node_modules/'.length;
  const found = packageName(file.slice(start));
  return found && file.slice(0, start) + found.name;
}

export class Packages {
  readonly #trace: Trace;
  readonly #found = new Map<string, Promise<Package>>();
  readonly #records = new Map<string, Readonly<Record<string, LockEntry>>>();
  /** npm's records that were read. */
  readonly recordFiles = new Set<string>();

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  /** The package in a folder. `byRecord`: npm's record is believed. */
  async at(folder: string, byRecord: boolean): Promise<Package> {
    // One after the other: questions are asked in one order.
    const waiting: Package[] = [];
    const root = await this.#one(folder, byRecord, waiting);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const name of [...next.dependencies.keys()].sort()) {
        const [found] = packageFolders(this.#trace, name, join(next.folder, 'package.json'));
        if (found === undefined) continue;
        const { real } = this.#trace.place(found)!;
        next.dependencies.set(
          name,
          await this.#one(real, byRecord && packageFolderOf(real) === real, waiting),
        );
      }
    }
    return root;
  }

  async #one(folder: string, byRecord: boolean, waiting: Package[]): Promise<Package> {
    const key = `${byRecord} ${folder}`;
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const made = this.#look(folder, byRecord);
    this.#found.set(key, made);
    waiting.push(await made);
    return made;
  }

  async #look(folder: string, byRecord: boolean): Promise<Package> {
    const manifest = await this.#trace.manifest(folder);
    const names = declared(manifest);
    const version = typeof manifest?.version === 'string' ? manifest.version : '?';
    const recorded = byRecord ? await this.#recorded(folder) : undefined;
    const isBelieved =
      recorded?.integrity !== undefined && recorded.link !== true && recorded.version === manifest?.version;
    const label = labelOf(folder);
    if (isBelieved) {
      return { folder, label, version: `${version} ${recorded.integrity}`, dependencies: emptied(names) };
    }
    const files: string[] = [];
    const content = await hashFolder(this.#trace, folder, {
      skip: ['node_modules', '.git'],
      onFile: (path) => files.push(path),
    });
    const outside: string[] = [];
    for (const file of files) await this.#scan(file, folder, names, outside);
    // What a package imports by a path that leads out of its folder is part of it: what those files import, too.
    const more = [];
    for (let i = 0; i < outside.length; i++) {
      more.push(`${basename(outside[i])} ${await this.#trace.hash(outside[i])}`);
      await this.#scan(outside[i], folder, names, outside);
    }
    const whole = more.length === 0 ? content : canonicalHash({ content, more: more.sort() });
    return {
      folder,
      label,
      version: `${version} content-${whole.slice(0, 32)}`,
      dependencies: emptied(names),
    };
  }

  /** Takes note of what looks like an import in a text: names of packages, and files outside of a folder. Too many do no harm. */
  async #scan(file: string, folder: string, names: Set<string>, outside: string[]): Promise<void> {
    if (!/\.[cm]?[jt]s$/.test(file)) return;
    const text = await this.#trace.text(file);
    for (const [, specifier] of text.matchAll(IMPORT)) {
      if (/^\.{1,2}(\/|$)/.test(specifier)) {
        if (isInside(resolve(dirname(file), specifier), folder)) continue;
        const found = await resolveSpecifier(this.#trace, specifier, file, 'require');
        const isNew =
          found.found === 'file' && !isInside(found.path, folder) && !outside.includes(found.path);
        if (isNew) outside.push(found.path);
      } else if (!specifier.startsWith('#') && !isBuiltin(specifier)) {
        const name = packageName(specifier)?.name;
        if (name !== undefined) names.add(name);
      }
    }
  }

  /** What npm says that it installed here. */
  async #recorded(folder: string): Promise<LockEntry | undefined> {
    for (let above = dirname(folder); dirname(above) !== above; above = dirname(above)) {
      if (basename(above) !== 'node_modules') continue;
      const file = this.#trace.place(join(above, '.package-lock.json'));
      if (file?.kind !== 'file') continue;
      this.recordFiles.add(file.real);
      let packages = this.#records.get(file.real);
      if (packages === undefined) {
        packages = (JSON.parse(await this.#trace.text(file.real)).packages ?? {}) as Record<
          string,
          LockEntry
        >;
        this.#records.set(file.real, packages);
      }
      const entry = packages[relative(dirname(above), folder).split(sep).join('/')];
      if (entry !== undefined) return entry;
    }
    return undefined;
  }
}

const IMPORT = /\b(?:from|import|require|resolve)\s*\(?\s*["'`]([^"'`\s\\$]+)["'`]/g;

const isInside = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

function declared(manifest: Manifest | undefined): Set<string> {
  const { dependencies, optionalDependencies, peerDependencies, imports } = manifest ?? {};
  const names = [dependencies, optionalDependencies, peerDependencies].flatMap((all) =>
    Object.keys(all ?? {}),
  );
  const targets = textsIn(imports).filter((text) => !text.startsWith('./') && !isBuiltin(text));
  return new Set([...names, ...targets.flatMap((text) => packageName(text)?.name ?? [])]);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function emptied(names: ReadonlySet<string>): Map<string, undefined> {
  return new Map([...names].map((name) => [name, undefined]));
}

function labelOf(folder: string): string {
  const at = folder.indexOf('/node_modules/');
  return at < 0 ? `linked/${basename(folder)}` : folder.slice(at + 1);
}

/** Packages with all that they reach, numbered in the order of the roots; a form that says no place. */
export function numbered(roots: readonly Package[]): { packages: Package[]; form: object[] } {
  const packages: Package[] = [];
  const numbers = new Map<Package, number>();
  const waiting = [...roots].reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (numbers.has(next)) continue;
    numbers.set(next, packages.length);
    packages.push(next);
    const below = [...next.dependencies].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [, dependency] of below.reverse()) if (dependency !== undefined) waiting.push(dependency);
  }
  const form = packages.map(({ version, dependencies }) => ({
    version,
    dependencies: [...dependencies]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, found]) => ({ name, number: found === undefined ? -1 : numbers.get(found)! })),
  }));
  return { packages, form };
}
