/**
 * Module resolution by Node's rules (nodejs.org/api/esm.html and modules.html). Reimplemented because every question put to
 * the file system must be recorded: an identity holds as long as the answers do.
 */
import module, { createRequire, isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Manifest, Trace } from './facts.ts';
import { ownConditions } from './node-options.ts';
import { type Conditions, resolveExports, resolveImports, type Target } from './package-exports.ts';

export type Resolution =
  | { readonly found: 'builtin' }
  /** A file, by its real path. */
  | { readonly found: 'file'; readonly path: string }
  /** Nothing: Node does not find it either. */
  | { readonly found: 'nothing'; readonly why: string }
  /** Unsupported: Node may find something that this resolver does not identify. */
  | { readonly found: 'unknown'; readonly why: string };

/** Resolution algorithm: that of `import` or that of `require`. */
export type Way = 'import' | 'require';

const more = ownConditions();
const CONDITIONS: Readonly<Record<Way, Conditions>> = {
  import: new Set(['node', 'import', 'module-sync', 'node-addons', ...more]),
  require: new Set(['node', 'require', 'module-sync', 'node-addons', ...more]),
};

/** Extensions that `require` tries for a path without one. */
const ENDINGS = Object.keys(createRequire(import.meta.url).extensions);
/** Folders that `require` searches last: NODE_PATH and the global folders of the user and of Node. */
const { globalPaths: GLOBAL_FOLDERS } = module as unknown as { globalPaths: readonly string[] };

/**
 * Resolves a specifier.
 *
 * @param from the importing file, by its real path
 */
export async function resolveSpecifier(
  trace: Trace,
  specifier: string,
  from: string,
  way: Way,
): Promise<Resolution> {
  if (isBuiltin(specifier)) return { found: 'builtin' };
  return way === 'import'
    ? await resolveImport(trace, specifier, from)
    : await resolveRequire(trace, specifier, from);
}

async function resolveImport(trace: Trace, specifier: string, from: string): Promise<Resolution> {
  const isRelative = /^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..';
  if (isRelative || specifier.startsWith('file:')) {
    if (!URL.canParse(specifier, pathToFileURL(from).href)) return nothing(specifier, from);
    const url = new URL(specifier, pathToFileURL(from));
    if (url.search !== '' || url.hash !== '') {
      return { found: 'unknown', why: `"${specifier}" asks for a copy of a module of its own (by ? or #)` };
    }
    try {
      return fileAt(trace, fileURLToPath(url), specifier, from);
    } catch {
      return nothing(specifier, from);
    }
  }
  if (specifier.startsWith('#')) return await byImports(trace, specifier, from, 'import');
  if (URL.canParse(specifier)) {
    return { found: 'unknown', why: `"${specifier}" is code that lies in no file` };
  }
  return await findPackage(trace, specifier, from, 'import');
}

async function resolveRequire(trace: Trace, specifier: string, from: string): Promise<Resolution> {
  if (specifier.startsWith('#')) return await byImports(trace, specifier, from, 'require');
  if (/^(\/|\.{1,2}(\/|$))/.test(specifier)) {
    return (
      (await fileOrFolder(trace, resolve(dirname(from), specifier), specifier)) ?? nothing(specifier, from)
    );
  }
  return await findPackage(trace, specifier, from, 'require');
}

async function byImports(trace: Trace, name: string, from: string, way: Way): Promise<Resolution> {
  const scope = await scopeOf(trace, from);
  if (scope === undefined) return nothing(name, from);
  const target = resolveImports(scope.folder, scope.manifest.imports, name, CONDITIONS[way]);
  return await follow(trace, target, name, from, way, join(scope.folder, 'package.json'));
}

/** Nearest package.json above a file, with its folder; undefined if there is none. */
export async function scopeOf(
  trace: Trace,
  file: string,
): Promise<{ folder: string; manifest: Manifest } | undefined> {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (folder.endsWith('/node_modules')) return undefined;
    const manifest = await trace.manifest(folder);
    if (manifest !== undefined) return { folder, manifest };
    if (dirname(folder) === folder) return undefined;
  }
}

/** Splits a specifier into a package name and the rest as `.` or `./path`; undefined if it starts with no valid name. */
export function packageName(specifier: string): { name: string; subpath: string } | undefined {
  const [name] = /^(?:@[^/\\%]+\/)?[^/\\%]+/.exec(specifier) ?? [];
  if (name === undefined || name.startsWith('.') || (name.startsWith('@') && !name.includes('/')))
    return undefined;
  return { name, subpath: `.${specifier.slice(name.length)}` };
}

async function findPackage(trace: Trace, specifier: string, from: string, way: Way): Promise<Resolution> {
  const parsed = packageName(specifier);
  if (parsed === undefined) return nothing(specifier, from);
  const { name, subpath } = parsed;
  const scope = await scopeOf(trace, from);
  if (scope?.manifest.name === name && scope.manifest.exports != null) {
    const { folder, manifest } = scope;
    const target = resolveExports(folder, manifest.exports, subpath, CONDITIONS[way]);
    return await follow(trace, target, specifier, from, way, from);
  }
  for (const folder of packageFolders(trace, name, from, way)) {
    const manifest = await trace.manifest(folder);
    if (manifest?.exports != null) {
      const target = resolveExports(folder, manifest.exports, subpath, CONDITIONS[way]);
      return await follow(trace, target, specifier, from, way, from);
    }
    if (way === 'require') {
      const found = await fileOrFolder(trace, join(folder, subpath), specifier);
      if (found !== undefined) return found;
      continue; // `require` looks further up, `import` does not
    }
    if (subpath === '.') return mainOf(trace, folder, manifest, specifier, from);
    return fileAt(trace, join(folder, decoded(subpath)), specifier, from);
  }
  if (way === 'require') {
    // Without a folder of this name, node_modules may contain a file of this name.
    for (const place of nodeModules(trace, from)) {
      const found = await fileOrFolder(trace, join(place, specifier), specifier);
      if (found !== undefined) return found;
    }
    for (const folder of GLOBAL_FOLDERS) {
      if ((await fileOrFolder(trace, join(folder, specifier), specifier)) === undefined) continue;
      return { found: 'unknown', why: `"${specifier}" is found in ${folder}, by way of NODE_PATH or $HOME` };
    }
  }
  return nothing(specifier, from);
}

/** Folders in node_modules with a package's name, nearest first. */
export function* packageFolders(
  trace: Trace,
  name: string,
  from: string,
  way: Way = 'import',
): Iterable<string> {
  for (const place of nodeModules(trace, from, way)) {
    const folder = join(place, name);
    if (trace.place(folder)?.kind === 'folder') yield folder;
  }
}

function* nodeModules(trace: Trace, from: string, way: Way = 'require') {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const isOne = folder.endsWith('/node_modules');
    const place = join(folder, 'node_modules');
    if (!(isOne && way === 'require') && trace.place(place)?.kind === 'folder') yield place;
    if (dirname(folder) === folder) return;
  }
}

async function follow(
  trace: Trace,
  target: Target,
  specifier: string,
  from: string,
  way: Way,
  packageFile: string,
): Promise<Resolution> {
  if (target === undefined) return nothing(specifier, from);
  if ('refused' in target) return { found: 'nothing', why: target.refused };
  if ('path' in target) return fileAt(trace, target.path, specifier, from);
  if (isBuiltin(target.bare)) return { found: 'builtin' };
  return await findPackage(trace, target.bare, packageFile, way);
}

/** Resolves the main file of a package without `exports`, for `import`. */
function mainOf(
  trace: Trace,
  folder: string,
  manifest: Manifest | undefined,
  specifier: string,
  from: string,
): Resolution {
  const main = typeof manifest?.main === 'string' ? manifest.main : undefined;
  const tries =
    main === undefined
      ? []
      : ['', '.js', '.json', '.node', '/index.js', '/index.json', '/index.node'].map((end) => main + end);
  for (const name of [...tries, 'index.js', 'index.json', 'index.node']) {
    const place = trace.place(join(folder, name));
    if (place?.kind === 'file') return { found: 'file', path: place.real };
  }
  return nothing(specifier, from);
}

/** Resolves a path for `require`: a file, also without its extension, or a folder with a main file; undefined if none. */
async function fileOrFolder(trace: Trace, path: string, specifier: string): Promise<Resolution | undefined> {
  const file = (candidate: string): Resolution | undefined => {
    const place = trace.place(candidate);
    return place?.kind === 'file' ? { found: 'file', path: place.real } : undefined;
  };
  const withEnding = (candidate: string) => {
    for (const ending of ENDINGS) {
      const found = file(candidate + ending);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  if (!/(^|\/)\.{0,2}$/.test(specifier)) {
    const found = file(path) ?? withEnding(path);
    if (found !== undefined) return found;
  }
  if (trace.place(path)?.kind !== 'folder') return undefined;
  const manifest = await trace.manifest(path);
  if (typeof manifest?.main === 'string' && manifest.main !== '') {
    const main = join(path, manifest.main);
    const found = file(main) ?? withEnding(main) ?? withEnding(join(main, 'index'));
    if (found !== undefined) return found;
  }
  return withEnding(join(path, 'index'));
}

function fileAt(trace: Trace, path: string, specifier: string, from: string): Resolution {
  const place = trace.place(path);
  return place?.kind === 'file' ? { found: 'file', path: place.real } : nothing(specifier, from);
}

function nothing(specifier: string, from: string): Resolution {
  return { found: 'nothing', why: `Node does not find "${specifier}" from ${from}` };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
