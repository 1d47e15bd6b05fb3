/**
 * Identity of npm packages that code imports, each with its dependencies, found by Node's rules.
 *
 * A package that the framework needs is identified by npm's lock entry (version and integrity), as long as its package.json
 * has the same version. Any other package is identified by its content: a user's package, one without a lock entry (pnpm,
 * yarn, by hand), or a link. So an edit in place is detected there. Undeclared imports are found in the text of a package.
 */
import { isBuiltin } from 'node:module';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { canonicalHash } from '../keys/canonical.ts';
import { hashFolder, type Manifest, type Trace } from './facts.ts';
import { packageFolders, packageName, resolveSpecifier } from './node-resolution.ts';

/** Package with its dependencies. */
export interface Package {
  /** Real path of its folder. */
  readonly folder: string;
  /** Display name: `node_modules/a/node_modules/b`. */
  readonly label: string;
  /** Version, followed by npm's integrity or a hash of the content. */
  readonly version: string;
  /** Dependencies by name; undefined for one that is not installed. */
  readonly dependencies: Map<string, Package | undefined>;
}

interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
}

/** Folder of the package that a file in node_modules belongs to; undefined for a file elsewhere. */
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
  /** npm lock files (`node_modules/.package-lock.json`) that were read. */
  readonly recordFiles = new Set<string>();

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  /** Returns the package in a folder, with all it depends on. `byRecord`: npm's lock entry identifies it, if there is one. */
  async at(folder: string, byRecord: boolean): Promise<Package> {
    // Sequential, so that questions are always asked in the same order.
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
    // Files that a package imports from outside its folder count as part of it, and so do their imports.
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

  /**
   * Collects anything that looks like an import in a text: package names, and files outside the folder. False positives
   * do no harm.
   */
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

  /** npm's lock entry for the package installed in a folder; undefined if there is none. */
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

/** Packages reachable from the roots, numbered in the order of the roots, and their form for hashing, without locations. */
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
