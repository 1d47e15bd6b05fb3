/**
 * The text of an entry with everything of ours that it uses, module by module, as esbuild writes it: without types,
 * comments and what is not used. Where an import leads is told by the caller, who follows Node and not esbuild.
 *
 * Kept is whatever Node would run: imports for their effect also where all names are unused, and code that is marked
 * as pure, but for that of the framework, where the mark is checked by those who write it.
 */
import { randomBytes } from 'node:crypto';
import { SourceMap } from 'node:module';
import type { Loader, OnLoadResult, OnResolveResult, PartialMessage, Plugin } from 'esbuild';
import { never } from '../../errors.ts';

/** Where an import leads. */
export type Lead =
  | { readonly to: 'builtin' }
  /** A module, by its path without links. */
  | { readonly to: 'module'; readonly path: string }
  /** Something that does not stand in the text: the index of what it is, for the caller. */
  | { readonly to: 'else'; readonly id: number }
  | { readonly to: 'refused'; readonly message: string; readonly hint?: string };

export type ImportKind = 'import' | 'dynamic-import' | 'require';

export interface Sources {
  lead(specifier: string, from: string, kind: ImportKind): Promise<Lead>;
  text(path: string): Promise<string>;
  /** The name of a module in sections and in messages: one to one with its path. */
  label(path: string): string;
  /** Whether marks of purity count in a module. */
  isTrusted(path: string): boolean;
}

/** A piece of one module, in the order in which modules are run. */
export interface Section {
  /** Undefined for what esbuild adds at the head. */
  readonly path?: string;
  /** As esbuild wrote it, with marks. */
  readonly raw: string;
  /** The line of the bundle on which it begins, from 0. */
  readonly line: number;
}

/** Stands where nothing of the user's can stand. */
const NONCE = `n${randomBytes(10).toString('hex')}`;
export const MARKS = {
  process: `process_${NONCE}`,
  dirname: `dirname_${NONCE}`,
  filename: `filename_${NONCE}`,
} as const;

const LEAD = new RegExp(`${NONCE}/(\\d+)/${NONCE}/`, 'g');
const HEAD = new RegExp(`^// ${NONCE}:(.*)$`);

/** What a section leads to that is no module, with where in `raw`. */
export function leadsOf({ raw }: Section): { at: number; id: number }[] {
  return [...raw.matchAll(LEAD)].map(({ index, 1: id }) => ({ at: index, id: Number(id) }));
}

/** A section without marks. Labels that esbuild puts into the text go: how files are called does not count. */
export function textOf({ raw }: Section): string {
  if (!raw.includes(NONCE)) return raw;
  return raw
    .replace(LEAD, '')
    .replaceAll(new RegExp(`^(  )"${NONCE}:.*"\\(`, 'gm'), '$1"module"(')
    .replaceAll(MARKS.process, 'process')
    .replaceAll(MARKS.dirname, '__dirname')
    .replaceAll(MARKS.filename, '__filename')
    .replaceAll(NONCE, '');
}

/** Bundles an entry. Throws esbuild's BuildFailure, with labels for files. */
export async function bundle(entry: string, sources: Sources): Promise<Section[]> {
  const { text, paths } = await build(entry, sources, false);
  const sections: { path?: string; line: number; lines: string[] }[] = [{ line: 0, lines: [] }];
  for (const [line, content] of text.split('\n').entries()) {
    const head = HEAD.exec(content);
    if (head !== null) sections.push({ path: paths.get(head[1]), line: line + 1, lines: [] });
    else sections[sections.length - 1].lines.push(content);
  }
  return sections
    .map(({ lines, ...rest }) => ({ ...rest, raw: lines.join('\n') }))
    .filter(({ path, raw }) => path !== undefined || raw.trim() !== '');
}

/** Where in its file a place of a section stands: one-based line and column. */
export async function originOf(
  entry: string,
  sources: Sources,
  place: { line: number; column: number },
): Promise<{ path: string; line: number; column: number } | undefined> {
  const { map, paths } = await build(entry, sources, true);
  const found = new SourceMap(JSON.parse(map!)).findEntry(place.line, place.column);
  if (!('originalSource' in found)) return undefined;
  const path = paths.get(found.originalSource.replace(`${NONCE}:`, ''));
  return path === undefined
    ? undefined
    : { path, line: found.originalLine + 1, column: found.originalColumn + 1 };
}

async function build(entry: string, sources: Sources, withMap: boolean) {
  const { build: esbuild } = await import('esbuild');
  const paths = new Map<string, string>();
  const { outputFiles } = await esbuild({
    entryPoints: [entry],
    absWorkingDir: '/',
    outdir: '/',
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'esnext',
    charset: 'utf8',
    treeShaking: true,
    // A function that is renamed in the bundle still knows its name, which code may use.
    keepNames: true,
    legalComments: 'none',
    write: false,
    logLevel: 'silent',
    sourcemap: withMap ? 'external' : false,
    sourcesContent: false,
    // Types alone are erased, as Node does it; a tsconfig.json, which Node does not read, is not looked for.
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    define: {
      process: MARKS.process,
      'globalThis.process': MARKS.process,
      'global.process': MARKS.process,
      __dirname: MARKS.dirname,
      __filename: MARKS.filename,
      'import.meta.dirname': MARKS.dirname,
      'import.meta.filename': MARKS.filename,
    },
    plugins: [follow(entry, sources, paths)],
  });
  const [text, map] = ['.js', '.js.map'].map(
    (end) => outputFiles.find(({ path }) => path.endsWith(end))?.text,
  );
  return { text: text!, map, paths };
}

function follow(entry: string, sources: Sources, paths: Map<string, string>): Plugin {
  const moduleAt = (path: string): OnResolveResult => {
    const label = sources.label(path);
    paths.set(label, path);
    return { path: label, namespace: NONCE, pluginData: path };
  };
  return {
    name: 'follow',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, async ({ path: specifier, kind, importer }) => {
        if (kind === 'entry-point') return moduleAt(entry);
        const from = paths.get(importer);
        if (from === undefined)
          return { errors: [{ text: `cannot follow a computed import: ${specifier}` }] };
        const way = kind.startsWith('require') ? 'require' : kind === 'dynamic-import' ? kind : 'import';
        const lead = await sources.lead(specifier, from, way);
        switch (lead.to) {
          case 'builtin':
            return { path: specifier, external: true };
          case 'module':
            return moduleAt(lead.path);
          case 'else':
            return { path: `${NONCE}/${lead.id}/${NONCE}/${specifier}`, external: true };
          case 'refused':
            return { errors: [messageOf(lead)] };
          default:
            return never(lead);
        }
      });
      onLoad({ filter: /.*/, namespace: NONCE }, async ({ pluginData: path }): Promise<OnLoadResult> => {
        const text = await sources.text(path);
        const contents = sources.isTrusted(path) ? text : text.replace(PURE, `$1${NONCE}$2`);
        // A pattern in an import is looked for there, and not found.
        return { contents, loader: loaderOf(path), resolveDir: `/${NONCE}` };
      });
    },
  };
}

/** Would have esbuild leave out what has effects. Set apart, they are comments, and in a text come back by `textOf`. */
const PURE = /([#@]__)(PURE|NO_SIDE_EFFECTS|KEY|INLINE)(?=__)/g;

function messageOf({ message, hint }: { message: string; hint?: string }): PartialMessage {
  return { text: message, detail: hint };
}

function loaderOf(path: string): Loader {
  return /\.[cm]?ts$/.test(path) ? 'ts' : 'js';
}
