/** Which npm packages, in which locked versions, some imports reach. */
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';

interface LockEntry {
  version?: string;
  integrity?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

interface Installed {
  /** The folder that holds node_modules. */
  readonly root: string;
  readonly lockFile: string;
  /** As in package-lock.json: 'node_modules/a/node_modules/b' → entry. */
  readonly packages: Readonly<Record<string, LockEntry>>;
}

/** Resolves imports from one folder. npm's own record of what it installed is the source. */
export class PackageVersions {
  readonly #installed: Installed | undefined;
  readonly #from: string;

  constructor(from: string) {
    this.#from = from;
    this.#installed = findInstalled(from);
  }

  /** Versions of the packages behind these import paths, and of all that they depend on. */
  closure(imports: readonly string[]): { versions: Record<string, string>; files: string[] } {
    const names = [...new Set(imports.filter((path) => !isBuiltin(path)).map(packageName))].sort();
    if (names.length === 0) return { versions: {}, files: [] };
    if (this.#installed === undefined) return this.#withoutLock(names);
    const versions: Record<string, string> = {};
    for (const name of names) this.#collect(name, this.#importer(), versions);
    return { versions, files: [this.#installed.lockFile] };
  }

  /** The package that the imports stand in, as in package-lock.json; '' for the project itself. */
  #importer(): string {
    const path = relative(this.#installed!.root, this.#from).split(sep).join('/');
    return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? '';
  }

  #collect(name: string, parent: string, versions: Record<string, string>): void {
    const at = this.#locate(name, parent);
    if (at === undefined || versions[at] !== undefined) return;
    const entry = this.#installed!.packages[at];
    versions[at] = `${entry.version ?? '?'} ${entry.integrity ?? ''}`.trim();
    const wanted = { ...entry.dependencies, ...entry.optionalDependencies };
    for (const dependency of Object.keys(wanted).sort()) this.#collect(dependency, at, versions);
  }

  /** Node's look-up: the nearest node_modules on the way up from the importer. */
  #locate(name: string, parent: string): string | undefined {
    for (let base = parent; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
      const at = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`;
      if (this.#installed!.packages[at] !== undefined) return at;
      if (base === '') return undefined;
    }
  }

  /** Another package manager's node_modules: direct versions only, from each package.json. */
  #withoutLock(names: readonly string[]): { versions: Record<string, string>; files: string[] } {
    const versions: Record<string, string> = {};
    const files: string[] = [];
    for (const name of names) {
      const file = findUp(this.#from, join('node_modules', name, 'package.json'));
      if (file === undefined) continue;
      versions[name] = JSON.parse(readFileSync(file, 'utf8')).version;
      files.push(file);
    }
    return { versions, files };
  }
}

const cache = new Map<string, Installed>();

function findInstalled(from: string): Installed | undefined {
  const lockFile = findUp(from, join('node_modules', '.package-lock.json'));
  if (lockFile === undefined) return undefined;
  let found = cache.get(lockFile);
  if (found === undefined) {
    const { packages } = JSON.parse(readFileSync(lockFile, 'utf8'));
    found = { root: dirname(dirname(lockFile)), lockFile, packages };
    cache.set(lockFile, found);
  }
  return found;
}

function findUp(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, name);
    if (existsSync(path)) return path;
    if (dirname(folder) === folder) return undefined;
  }
}

function packageName(path: string): string {
  const parts = path.split('/');
  return path.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}
