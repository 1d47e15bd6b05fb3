/**
 * Bundle of an entry and every module it uses outside packages, module by module, as esbuild writes it: without types,
 * comments and unused code. The caller resolves imports, by Node's rules and not by esbuild's.
 *
 * The bundle keeps everything Node would run: side-effect imports, even if all their names are unused, and calls
 * annotated as pure. Only the framework's own annotations are honoured, because its authors check them.
 */
import { randomBytes } from 'node:crypto';
import { SourceMap } from 'node:module';
import type { Loader, OnLoadResult, OnResolveResult, PartialMessage, Plugin } from 'esbuild';
import { never } from '../../errors.ts';

/** Resolution of an import. */
export type Lead =
  | { readonly to: 'builtin' }
  /** A module, by its real path. */
  | { readonly to: 'module'; readonly path: string }
  /** Something that is not part of the text; `id` is an index that has a meaning for the caller alone. */
  | { readonly to: 'else'; readonly id: number }
  | { readonly to: 'refused'; readonly message: string; readonly hint?: string };

export type ImportKind = 'import' | 'dynamic-import' | 'require';

export interface Sources {
  lead(specifier: string, from: string, kind: ImportKind): Promise<Lead>;
  text(path: string): Promise<string>;
  /** Name of a module in sections and in messages; one to one with its path. */
  label(path: string): string;
  /** Whether purity annotations (`@__PURE__` and the like) of a module are honoured. */
  isTrusted(path: string): boolean;
}

/** Piece of one module. Sections are in the order in which modules run. */
export interface Section {
  /** Path of the module; undefined for code that esbuild adds at the head. */
  readonly path?: string;
  /** Text as written by esbuild, with marks. */
  readonly raw: string;
  /** Line of the bundle on which the section begins, zero-based. */
  readonly line: number;
}

/** Random text that user code does not contain. */
const NONCE = `n${randomBytes(10).toString('hex')}`;
export const MARKS = {
  process: `process_${NONCE}`,
  dirname: `dirname_${NONCE}`,
  filename: `filename_${NONCE}`,
} as const;

const LEAD = new RegExp(`${NONCE}/(\\d+)/${NONCE}/`, 'g');
const HEAD = new RegExp(`^// ${NONCE}:(.*)$`);

/** Imports of a section that resolve to something other than a module: offset in `raw` and id. */
export function leadsOf({ raw }: Section): { at: number; id: number }[] {
  return [...raw.matchAll(LEAD)].map(({ index, 1: id }) => ({ at: index, id: Number(id) }));
}

/** Text of a section without marks and without the labels that esbuild inserts: file names do not count. */
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

/** Source file and one-based line and column of a zero-based position in the bundle; undefined if the source map has none. */
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
    legalComments: 'none',
    write: false,
    logLevel: 'silent',
    sourcemap: withMap ? 'external' : false,
    sourcesContent: false,
    // Erase types only, like Node; ignore tsconfig.json, which Node does not read.
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
        // esbuild expands an import pattern (glob) in `resolveDir`; this folder does not exist, so nothing matches.
        return { contents, loader: loaderOf(path), resolveDir: `/${NONCE}` };
      });
    },
  };
}

/**
 * Annotations that make esbuild drop code with side effects. With the nonce inserted they are plain comments to esbuild;
 * `textOf` restores those that are part of a string.
 */
const PURE = /([#@]__)(PURE|NO_SIDE_EFFECTS|KEY|INLINE)(?=__)/g;

function messageOf({ message, hint }: { message: string; hint?: string }): PartialMessage {
  return { text: message, detail: hint };
}

function loaderOf(path: string): Loader {
  return /\.[cm]?ts$/.test(path) ? 'ts' : 'js';
}
