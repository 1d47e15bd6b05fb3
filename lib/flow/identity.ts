/**
 * Code identity: what a stage's code is, for its key. A stage's file is bundled with everything of ours that
 * it uses, tree-shaken and without comments; the hash of that text, of the assets it loads (.wasm) and of
 * the npm packages it imports (by locked version and integrity) is the identity. So a comment or an unused
 * helper changes nothing, and a used helper changes exactly the stages that use it.
 *
 * Code that just some instances of a stage run (one encoding of many, a user's own file) is bundled by itself and
 * joins the identity of those instances; see `code` and `apart` of a stage.
 *
 * What it does not see: code reached by a computed import, and assets not named by a literal
 * `new URL('./…', import.meta.url)`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildFailure, Plugin } from 'esbuild';
import { configError } from '../errors.ts';
import { canonicalHash } from './canonical.ts';
import { CodeTexts } from './code-texts.ts';
import { writeFileAtomic } from './durable.ts';
import type { CodeHash } from './key.ts';
import { PackageVersions } from './packages.ts';
import type { StatCache } from './stat-cache.ts';

export interface CodeIdentity {
  readonly hash: CodeHash;
  /** What the identity is made of, for telling what changed: file or package → hash or version. */
  readonly pieces: Readonly<Record<string, string>>;
}

/** What is bundled: a stage's file, or a file with code of some instances. */
export interface CodeEntry {
  /** URL or absolute path. */
  readonly module: string;
  /** URLs of modules that are left out. */
  readonly apart?: readonly string[];
}

/** One identity for code from several entries. */
export function joinIdentities(identities: readonly CodeIdentity[]): CodeIdentity {
  if (identities.length === 1) return identities[0];
  return {
    hash: canonicalHash({ scheme: SCHEME, joined: identities.map(({ hash }) => hash) }) as CodeHash,
    pieces: Object.assign({}, ...identities.map(({ pieces }) => pieces)),
  };
}

interface CachedIdentity {
  readonly apart: readonly string[];
  /** Every file that the bundle was made from → its content hash, used or not. */
  readonly files: Readonly<Record<string, string>>;
  readonly identity: CodeIdentity;
}

/** Raise it when this file's way of making an identity changes. */
const SCHEME = 4;

/** Identities of stages, remembered from run to run as long as no file that went into them changes. */
export class CodeIdentities {
  readonly #cacheFile: string;
  readonly #stats: StatCache;
  readonly #cache: Record<string, CachedIdentity>;
  /** What the modules say, by the hashes in `pieces`. */
  readonly texts: CodeTexts;
  readonly #found = new Map<string, CodeIdentity>();
  readonly #failed = new Map<string, Error>();
  #changed = false;

  constructor(cacheFile: string, stats: StatCache) {
    this.#cacheFile = cacheFile;
    this.#stats = stats;
    this.#cache = readCache(cacheFile);
    this.texts = new CodeTexts(join(dirname(cacheFile), 'code'));
  }

  /** Identifies what is not identified yet. Code that cannot be read is told of by `get`. */
  async prepare(entries: readonly CodeEntry[]): Promise<void> {
    for (const { module, apart = [] } of entries) {
      if (this.#found.has(module) || this.#failed.has(module)) continue;
      const cached = this.#cache[module];
      if (cached !== undefined && (await this.#isValid(cached, apart))) {
        this.#found.set(module, cached.identity);
        continue;
      }
      try {
        const made = await identify(module, apart, this.#stats, this.texts);
        this.#cache[module] = made;
        this.#found.set(module, made.identity);
        this.#changed = true;
      } catch (error) {
        this.#failed.set(module, codeError(error, module));
      }
    }
  }

  /** The identity of code that was prepared. Throws a config error if it cannot be read. */
  get(module: string): CodeIdentity {
    const failed = this.#failed.get(module);
    if (failed !== undefined) throw failed;
    return this.#found.get(module)!;
  }

  /** Files of this code that changed since it was identified. */
  async changedFiles(modules: readonly string[]): Promise<string[]> {
    const changed: string[] = [];
    for (const [file, hash] of modules.flatMap((module) =>
      Object.entries(this.#cache[module]?.files ?? {}),
    )) {
      if (!(await this.#stats.isStill(file, hash))) changed.push(file);
    }
    return changed;
  }

  /** Every file that this code was made from. */
  filesOf(modules: readonly string[]): string[] {
    return modules.flatMap((module) => Object.keys(this.#cache[module]?.files ?? {}));
  }

  /** Keeps what was learned for the next process. */
  save(): void {
    if (!this.#changed) return;
    this.texts.save();
    writeFileAtomic(this.#cacheFile, JSON.stringify({ scheme: SCHEME, stages: this.#cache }));
    this.#changed = false;
  }

  async #isValid(cached: CachedIdentity, apart: readonly string[]): Promise<boolean> {
    if (cached.apart.join() !== apart.join()) return false;
    for (const [file, hash] of Object.entries(cached.files)) {
      if (!existsSync(file) || (await this.#stats.hash(file)) !== hash) return false;
    }
    return true;
  }
}

function readCache(file: string): Record<string, CachedIdentity> {
  try {
    const { scheme, stages } = JSON.parse(readFileSync(file, 'utf8'));
    return scheme === SCHEME ? stages : {};
  } catch {
    return {};
  }
}

async function identify(
  module: string,
  apart: readonly string[],
  stats: StatCache,
  texts: CodeTexts,
): Promise<CachedIdentity> {
  const entry = module.startsWith('file:') ? fileURLToPath(module) : module;
  const folder = dirname(entry);
  const home = packageFolder(folder);
  const bundle: Bundle = {
    sections: [],
    inputs: new Set(),
    assets: new Set(),
    imports: new Set(),
    apart: new Set(apart.map((url) => fileURLToPath(url))),
  };
  await addToBundle(entry, bundle, new Set());
  const packages = new PackageVersions(folder).closure([...bundle.imports]);

  const files: Record<string, string> = {};
  for (const file of [...bundle.inputs, ...bundle.assets, ...packages.files]) {
    files[file] = await stats.hash(file);
  }
  return {
    apart,
    files,
    identity: identityOf({
      // The order of the modules is part of the program; their names are not.
      code: bundle.sections.map(({ file, text }) => ({ name: relative(home, file), hash: texts.add(text) })),
      assets: [...bundle.assets].map((file) => ({ name: relative(home, file), hash: files[file] })),
      packages: packages.versions,
    }),
  };
}

/** What to say of code that esbuild cannot bundle; any other error as it is. */
function codeError(error: unknown, module: string): Error {
  const [first] = (error as Partial<BuildFailure>).errors ?? [];
  if (first === undefined) return error as Error;
  const { text, location } = first;
  const where = location === null ? module : `${location.file}:${location.line}:${location.column + 1}`;
  const source = location === null ? '' : `\n  ${location.lineText}`;
  return configError(`cannot read the code: ${text}${source}`, { where, cause: error });
}

interface Bundle {
  readonly sections: { file: string; text: string }[];
  /** Every file read for the bundle, used or not. */
  readonly inputs: Set<string>;
  readonly assets: Set<string>;
  /** Import paths that the bundle leaves to Node. */
  readonly imports: Set<string>;
  /** Files that are left out, as if they were packages. */
  readonly apart: ReadonlySet<string>;
}

/** Stands in a bundle for the path of a module that is left out. */
const APART = 'apart:';

/** Bundles an entry, and each module that it names by URL (the code of a crew) as an entry of its own. */
async function addToBundle(entry: string, bundle: Bundle, seen: Set<string>): Promise<void> {
  if (seen.has(entry)) return;
  seen.add(entry);
  const folder = dirname(entry);
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: folder,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'esnext',
    charset: 'utf8',
    treeShaking: true,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
    plugins: bundle.apart.size === 0 ? [] : [leaveOut(bundle.apart)],
  });
  const sections = splitByModule(outputFiles[0].text, folder);
  bundle.sections.push(...sections);
  for (const file of Object.keys(metafile.inputs)) bundle.inputs.add(resolve(folder, file));
  for (const output of Object.values(metafile.outputs)) {
    for (const { path } of output.imports) if (path !== APART) bundle.imports.add(path);
  }
  for (const asset of sections.flatMap(({ file, text }) => assetsOf(text, file))) {
    if (/\.[cm]?[jt]s$/.test(asset)) await addToBundle(asset, bundle, seen);
    else bundle.assets.add(asset);
  }
}

function leaveOut(files: ReadonlySet<string>): Plugin {
  return {
    name: 'apart',
    setup(build) {
      build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) =>
        files.has(resolve(resolveDir, path)) ? { path: APART, external: true } : undefined,
      );
    },
  };
}

interface Ingredients {
  code: { name: string; hash: string }[];
  assets: { name: string; hash: string }[];
  packages: Record<string, string>;
}

function identityOf({ code, assets, packages }: Ingredients): CodeIdentity {
  const hash = canonicalHash({
    scheme: SCHEME,
    code: code.map((c) => c.hash),
    assets: assets.map((a) => a.hash),
    packages,
  }) as CodeHash;
  const pieces: Record<string, string> = {};
  for (const { name, hash } of [...code, ...assets]) pieces[name] = hash;
  for (const [name, version] of Object.entries(packages)) pieces[`npm:${name}`] = version;
  return { hash, pieces };
}

/** The nearest folder with a package.json: names of modules count from there. */
function packageFolder(from: string): string {
  for (let folder = from; dirname(folder) !== folder; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  return from;
}

/** esbuild heads each module of a bundle with a comment that names its file. */
function splitByModule(bundle: string, folder: string): { file: string; text: string }[] {
  const sections: { file: string; lines: string[] }[] = [];
  for (const line of bundle.split('\n')) {
    const head = /^\/\/ (\S.*\.[cm]?[jt]s)$/.exec(line);
    if (head !== null) sections.push({ file: resolve(folder, head[1]), lines: [] });
    else if (sections.length > 0) sections.at(-1)?.lines.push(line);
    else sections.push({ file: folder, lines: [line] }); // imports of packages stand before the first module
  }
  return sections.map(({ file, lines }) => ({ file, text: lines.join('\n') }));
}

function assetsOf(code: string, file: string): string[] {
  const urls = code.matchAll(/new URL\(\s*["'`]([^"'`]+)["'`]\s*,\s*import\.meta\.url\s*\)/g);
  return [...urls].map(([, path]) => join(dirname(file), path)).filter((path) => existsSync(path));
}
