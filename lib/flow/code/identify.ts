/**
 * Identifies the code of one entry: resolves its imports as Node does now, and hashes the code and files it uses.
 * See identity.ts for the components of an identity.
 */
import { readFileSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { BuildFailure } from 'esbuild';
import { configError, never } from '../../errors.ts';
import type { KeptTexts } from '../files/kept-texts.ts';
import { canonicalHash } from '../keys/canonical.ts';
import type { CodeHash } from '../keys/key.ts';
import {
  bundle,
  type ImportKind,
  type Lead,
  leadsOf,
  MARKS,
  originOf,
  type Section,
  type Sources,
  textOf,
} from './bundle.ts';
import { type CodeEntry, type Identified, pathOf, SCHEME } from './code-entry.ts';
import { hashFolder, type Trace } from './facts.ts';
import { isFramework } from './framework.ts';
import { optionsOfCode } from './node-options.ts';
import { packageName, resolveSpecifier, scopeOf, type Way } from './node-resolution.ts';
import { numbered, type Package, Packages, packageFolderOf } from './packages.ts';
import { findReferences, type Reference } from './references.ts';
import { renamedIn } from './renamed-names.ts';
import type { Problem } from './syntax.ts';

/** Dependency that is not part of the bundled text; the identity gets its form without the location (`#formOf`). */
type Thing =
  | { readonly is: 'package'; readonly folder: string; readonly byRecord: boolean }
  | { readonly is: 'content'; readonly path: string; readonly hash: string; readonly of: 'file' | 'folder' }
  | { readonly is: 'external' }
  | { readonly is: 'absent'; readonly path?: string }
  | { readonly is: 'variable'; readonly name: string; readonly hash: string };

/** Only module that may import a computed path: it checks that the stage declares the file. */
const CHECKED_IMPORT = fileURLToPath(new URL('./import-code.ts', import.meta.url)).replace(
  /\.ts$/,
  extname(fileURLToPath(import.meta.url)),
);

export async function identify(entry: CodeEntry, trace: Trace, texts: KeptTexts): Promise<Identified> {
  return await new Identification(entry, trace, texts).make();
}

class Identification implements Sources {
  readonly #entry: CodeEntry;
  readonly #trace: Trace;
  readonly #texts: KeptTexts;
  readonly #packages: Packages;
  readonly #home: string;
  readonly #root: string;
  readonly #ownPackage: string | undefined;
  readonly #externals: ReadonlySet<string>;
  readonly #things: Thing[] = [];
  readonly #files = new Set<string>();
  readonly #leads = new Map<string, Promise<Lead>>();
  readonly #bundled = new Set<string>();
  readonly #sections: {
    path?: string;
    text: string;
    renamed: readonly string[];
    format: string;
    things: Thing[];
  }[] = [];

  constructor(entry: CodeEntry, trace: Trace, texts: KeptTexts) {
    this.#entry = entry;
    this.#trace = trace;
    this.#texts = texts;
    this.#packages = new Packages(trace);
    const path = pathOf(entry.module);
    const place = trace.place(path);
    if (place?.kind !== 'file') {
      throw configError(`there is no such file of code: ${path}`, {
        where: path,
        expected: 'a file of code',
      });
    }
    this.#root = place.real;
    this.#home = nearestManifest(trace, place.real);
    this.#ownPackage = packageFolderOf(place.real);
    this.#externals = new Set(
      (entry.externals ?? []).map((url) => trace.place(pathOf(url))?.real ?? pathOf(url)),
    );
  }

  async make(): Promise<Identified> {
    await this.#add(this.#root);
    const things = this.#sections.flatMap((section) => section.things);
    const roots: Package[] = [];
    for (const thing of things) {
      if (thing.is === 'package') roots.push(await this.#packages.at(thing.folder, thing.byRecord));
    }
    const { packages, form } = numbered(roots);
    const sections = [];
    for (const { text, renamed, format, things } of this.#sections) {
      const forms = [];
      for (const thing of things) forms.push(await this.#formOf(thing, packages));
      sections.push({ text, renamed, format, things: forms });
    }
    const options = optionsOfCode();
    const hash = canonicalHash({ scheme: SCHEME, sections, packages: form, options }) as CodeHash;
    const paths = (is: 'file' | 'folder') =>
      things.flatMap((thing) => (thing.is === 'content' && thing.of === is ? [thing.path] : []));
    return {
      identity: { hash, pieces: this.#pieces(things, packages) },
      files: unique([...this.#files, ...paths('file'), ...this.#packages.recordFiles]),
      folders: unique([...paths('folder'), ...packages.map(({ folder }) => folder)]),
      absent: unique(things.flatMap((thing) => (thing.is === 'absent' && thing.path ? [thing.path] : []))),
      variables: unique(things.flatMap((thing) => (thing.is === 'variable' ? [thing.name] : []))),
    };
  }

  /** Name of a module that does not depend on the location of the project. */
  label(path: string): string {
    return relative(this.#home, path).replaceAll(/[\s%]/g, encodeURIComponent);
  }

  isTrusted(path: string): boolean {
    return isFramework(path);
  }

  async text(path: string): Promise<string> {
    this.#files.add(path);
    return await this.#trace.text(path);
  }

  /** Resolves an import. Results are cached: the same import always gets the same answer. */
  async lead(specifier: string, from: string, kind: ImportKind): Promise<Lead> {
    const key = [specifier, from, kind].join('\0');
    let lead = this.#leads.get(key);
    if (lead === undefined) {
      lead = this.#lead(specifier, from, kind);
      this.#leads.set(key, lead);
    }
    return await lead;
  }

  async #lead(specifier: string, from: string, kind: ImportKind): Promise<Lead> {
    const alias = this.#entry.names?.[specifier];
    if (alias !== undefined) return { to: 'module', path: this.#trace.place(pathOf(alias))!.real };
    const way: Way = kind === 'require' ? 'require' : 'import';
    const found = await resolveSpecifier(this.#trace, specifier, from, way);
    switch (found.found) {
      case 'builtin':
        return { to: 'builtin' };
      case 'unknown':
        return { to: 'refused', message: `cannot follow this import: ${found.why}` };
      case 'nothing':
        // The module may be installed later; code can try to load it and go on without.
        if (kind !== 'import') return this.#thing({ is: 'absent' });
        return { to: 'refused', message: found.why };
      case 'file':
        return await this.#leadTo(found.path, from);
      default:
        return never(found);
    }
  }

  async #leadTo(path: string, from: string): Promise<Lead> {
    if (this.#externals.has(path)) return this.#thing({ is: 'external' });
    const folder = this.#foreign(path);
    if (folder !== undefined) {
      return this.#thing({ is: 'package', folder, byRecord: isFramework(from) });
    }
    if (isCode(path)) return { to: 'module', path };
    if (path.endsWith('.wasm')) {
      const wasm = await WebAssembly.compile(readFileSync(path));
      if (importsOf(wasm).length > 0) {
        return { to: 'refused', message: `cannot follow what ${path} imports` };
      }
    }
    return this.#thing(await this.#content(path, 'file'));
  }

  /** Folder of the npm package that a file belongs to; undefined for framework files and for the entry's own package. */
  #foreign(path: string): string | undefined {
    const folder = packageFolderOf(path);
    return folder === this.#ownPackage || isFramework(path) ? undefined : folder;
  }

  #thing(thing: Thing): Lead {
    this.#things.push(thing);
    return { to: 'else', id: this.#things.length - 1 };
  }

  async #content(path: string, of: 'file' | 'folder'): Promise<Thing> {
    const hash = of === 'file' ? await this.#trace.hash(path) : await hashFolder(this.#trace, path);
    return { is: 'content', path, hash, of };
  }

  /** Bundles an entry, and each module it names by URL (such as the code of threads) as a separate entry. */
  async #add(path: string): Promise<void> {
    if (this.#bundled.has(path)) return;
    this.#bundled.add(path);
    const sections = await bundle(path, this).catch((error) => {
      throw buildError(error, path, this.#home);
    });
    const next: string[] = [];
    const seen = sections.map((section) =>
      section.path === CHECKED_IMPORT ? { ...section, path: undefined } : section,
    );
    const found = findReferences(seen, MARKS);
    for (const [i, section] of sections.entries()) {
      const things = leadsOf(section).map(({ at, id }) => ({ at, thing: this.#things[id] }));
      const { references, problems } = found[i];
      const [problem] = problems;
      if (problem !== undefined) throw await this.#refusal(problem, section, path);
      for (const reference of references) {
        for (const thing of await this.#follow(reference, section, path, next))
          things.push({ at: reference.at, thing });
      }
      things.sort((a, b) => a.at - b.at);
      this.#sections.push({
        path: section.path,
        text: textOf(section),
        renamed: section.path === undefined ? [] : renamedIn(section.raw, await this.text(section.path)),
        format: section.path === undefined ? '' : await this.#formatOf(section.path),
        things: things.map(({ thing }) => thing),
      });
    }
    for (const file of next) await this.#add(file);
  }

  /** Resolves a reference to dependencies; adds code files that must be bundled too to `next`. */
  async #follow(reference: Reference, section: Section, entry: string, next: string[]): Promise<Thing[]> {
    const from = section.path!;
    switch (reference.kind) {
      case 'variable':
        return [{ is: 'variable', name: reference.name, hash: await this.#trace.variable(reference.name) }];
      case 'url': {
        const url = URL.canParse(reference.url, pathToFileURL(from).href)
          ? new URL(reference.url, pathToFileURL(from))
          : undefined;
        if (url?.protocol !== 'file:') return [];
        return await this.#asset(fileURLToPath(url), reference.isRun, section, reference.at, entry, next);
      }
      case 'module':
        return await this.#named(reference, section, entry, next);
      default:
        return never(reference);
    }
  }

  /** Resolves a specifier of `require` or `import.meta.resolve`. */
  async #named(
    { specifier, way, at, from: maker }: Extract<Reference, { kind: 'module' }>,
    section: Section,
    entry: string,
    next: string[],
  ): Promise<Thing[]> {
    const from = maker ?? section.path!;
    const isPattern = specifier.endsWith('/*');
    const found = isPattern
      ? await this.#packageNamed(specifier, from, way)
      : await resolveSpecifier(this.#trace, specifier, from, way);
    if (found.found === 'builtin') return [];
    if (found.found === 'nothing') return [{ is: 'absent' }];
    if (found.found === 'unknown') throw await this.#refusalAt(found.why, section, at, entry);
    const folder = this.#foreign(found.path);
    if (folder !== undefined) return [{ is: 'package', folder, byRecord: isFramework(from) }];
    return await this.#asset(found.path, way === 'require', section, at, entry, next);
  }

  /** Resolves any file of the package whose name begins a specifier. */
  async #packageNamed(specifier: string, from: string, way: Way) {
    const { name } = packageName(specifier)!;
    return await resolveSpecifier(this.#trace, `${name}/package.json`, from, way).then(async (found) =>
      found.found === 'file' ? found : await resolveSpecifier(this.#trace, name, from, way),
    );
  }

  async #asset(
    path: string,
    isRun: boolean,
    section: Section,
    at: number,
    entry: string,
    next: string[],
  ): Promise<Thing[]> {
    const place = this.#trace.place(path);
    if (place === undefined) return [{ is: 'absent', path }];
    if (place.kind === 'folder') {
      if (isInside(section.path!, place.real)) {
        throw await this.#refusalAt('the folder that the code itself is in, as an asset', section, at, entry);
      }
      return [await this.#content(place.real, 'folder')];
    }
    if (isCode(place.real)) next.push(place.real);
    const isOnlyRun = isRun && isCode(place.real);
    return isOnlyRun ? [] : [await this.#content(place.real, 'file')];
  }

  async #refusalAt(message: string, section: Section, at: number, entry: string): Promise<Error> {
    const before = section.raw.slice(0, at).split('\n');
    return await this.#refusal(
      {
        line: before.length,
        column: before[before.length - 1].length,
        message,
        hint: "name files one by one, or a folder of data alone: new URL('./data/', import.meta.url)",
      },
      section,
      entry,
    );
  }

  async #refusal({ line, column, message, hint }: Problem, section: Section, entry: string): Promise<Error> {
    const origin = await originOf(entry, this, { line: section.line + line - 1, column });
    const where = origin === undefined ? section.path! : `${origin.path}:${origin.line}:${origin.column}`;
    return configError(`cannot follow the code: ${message}`, {
      expected: 'code whose files can be told without running it: a result is kept for just that code',
      where,
      hint,
    });
  }

  /** Module format of a file for Node: its extension, and the `type` of the nearest package.json. */
  async #formatOf(path: string): Promise<string> {
    const ending = extname(path);
    if (/^\.[cm]/.test(ending)) return ending;
    const scope = await scopeOf(this.#trace, path);
    return `${ending} ${scope?.manifest.type ?? ''}`;
  }

  /** Form of a dependency for hashing, without its location. */
  async #formOf(thing: Thing, packages: readonly Package[]): Promise<object> {
    switch (thing.is) {
      case 'package':
        return { package: packages.indexOf(await this.#packages.at(thing.folder, thing.byRecord)) };
      case 'content':
        return { content: thing.hash };
      case 'variable':
        return { variable: thing.name, value: thing.hash };
      case 'external':
      case 'absent':
        return { is: thing.is };
      default:
        return never(thing);
    }
  }

  #pieces(things: readonly Thing[], packages: readonly Package[]): Record<string, string> {
    const texts = new Map<string, string[]>();
    for (const { path, text } of this.#sections) {
      if (path === undefined) continue;
      texts.set(path, [...(texts.get(path) ?? []), text]);
    }
    const pieces: Record<string, string> = {};
    for (const [path, parts] of texts) pieces[relative(this.#home, path)] = this.#texts.add(parts.join('\n'));
    for (const thing of things) {
      if (thing.is === 'content') pieces[relative(this.#home, thing.path)] ??= thing.hash;
      else if (thing.is === 'absent' && thing.path !== undefined)
        pieces[relative(this.#home, thing.path)] = 'absent';
      else if (thing.is === 'variable') pieces[`env:${thing.name}`] = thing.hash;
    }
    for (const { label, version } of packages) {
      let name = `npm:${label}`;
      for (let i = 2; pieces[name] !== undefined && pieces[name] !== version; i++)
        name = `npm:${label} (${i})`;
      pieces[name] = version;
    }
    for (const option of optionsOfCode()) pieces[`node:${option}`] = 'given';
    return pieces;
  }
}

/** Config error for code that esbuild cannot bundle; returns any other error unchanged. */
function buildError(error: unknown, entry: string, home: string): Error {
  const [first] = (error as Partial<BuildFailure>).errors ?? [];
  if (first === undefined) return error as Error;
  if (first.detail instanceof Error) return first.detail;
  const { text, location, detail } = first;
  const file =
    location === null
      ? undefined
      : resolve(home, decodeURIComponent(location.file.replace(/^n[0-9a-f]{20}:/, '')));
  const where = location === null ? entry : `${file}:${location.line}:${location.column + 1}`;
  const source = location === null ? '' : `\n  ${location.lineText}`;
  const hint = typeof detail === 'string' ? detail : undefined;
  const what = /^Could not resolve (import|require)\(/.test(text)
    ? `cannot follow a computed ${RegExp.$1}`
    : text;
  return configError(`cannot read the code: ${what}${source}`, { where, cause: error, hint });
}

/** Imports of a compiled WebAssembly module. */
function importsOf(wasm: WebAssembly.Module): readonly unknown[] {
  return (WebAssembly.Module as unknown as { imports(module: object): unknown[] }).imports(wasm);
}

function isCode(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path) || extname(path) === '';
}

function isInside(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

/** Nearest folder above a file with a package.json, which module names are relative to; else the file's folder. */
function nearestManifest(trace: Trace, file: string): string {
  for (let folder = dirname(file); dirname(folder) !== folder; folder = dirname(folder)) {
    if (trace.place(join(folder, 'package.json')) !== undefined) return folder;
  }
  return dirname(file);
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
