/** Finding and reading the config file. */
import { existsSync } from 'node:fs';
import module from 'node:module';
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cosmiconfig } from 'cosmiconfig';
import { configError, RankloomError } from '../errors.ts';
import { positionOf } from './locate.ts';
import { syntaxProblem } from './syntax.ts';

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  /** As it is shown in messages: relative to where the command runs. */
  readonly name: string;
  readonly text: string;
  readonly value: unknown;
}

export const SEARCH_PLACES = ['ts', 'js', 'mjs', 'json', 'yaml', 'yml'].map(
  (ext) => `pipeline.config.${ext}`,
);

/**
 * Loads the given config file, or the nearest `pipeline.config.*` from `cwd` upwards to the first folder with a
 * package.json. Throws config errors: no file, unknown kind of file, syntax, failure while it runs, no default
 * export.
 */
export async function loadConfigFile(cwd: string, given?: string): Promise<ConfigFile> {
  let text = '';
  const load =
    (read: (path: string, name: string, text: string) => unknown) =>
    async (path: string, content: string) => {
      text = content;
      return await read(path, shownName(cwd, path), content);
    };
  const explorer = cosmiconfig('pipeline', {
    searchPlaces: SEARCH_PLACES,
    searchStrategy: 'project',
    ignoreEmptySearchPlaces: false,
    cache: false,
    loaders: {
      '.ts': load(importModule),
      '.js': load(importModule),
      '.mjs': load(importModule),
      '.json': load(parseJson),
      '.yaml': load(parseYaml),
      '.yml': load(parseYaml),
    },
  });
  if (given !== undefined) checkGiven(cwd, given);
  const found = given === undefined ? await explorer.search(cwd) : await explorer.load(resolve(cwd, given));
  if (found === null) throw notFound(cwd);
  const name = shownName(cwd, found.filepath);
  if (found.isEmpty || found.config === undefined) {
    throw configError(`${name} holds no config`, { expected: EXPORT, where: name });
  }
  return { path: found.filepath, name, text, value: found.config };
}

const EXPORT = 'export default defineConfig({ … }) in a .ts or .js file, or an object in .json or .yaml';

function shownName(cwd: string, path: string): string {
  const name = relative(cwd, path);
  return name.startsWith('..') || isAbsolute(name) ? path : name;
}

function checkGiven(cwd: string, given: string): void {
  const path = resolve(cwd, given);
  if (!existsSync(path)) {
    throw configError(`no config file ${given}`, {
      where: dirname(path),
      hint: 'check the path given with --config, or write a config with: rankloom init',
    });
  }
  if (!/\.(ts|js|mjs|json|ya?ml)$/.test(path)) {
    throw configError(`cannot tell what kind of config ${given} is`, {
      expected: 'a name that ends in .ts, .js, .mjs, .json, .yaml or .yml',
    });
  }
}

function notFound(cwd: string): RankloomError {
  return configError('no config file found', {
    expected: `one of ${SEARCH_PLACES.join(', ')}`,
    where: `${cwd} and the folders above it, up to the first one with a package.json`,
    hint: 'write one with: rankloom init\nor name one with: --config FILE',
  });
}

/** Imports a config written in TypeScript or JavaScript; Node strips the types. */
async function importModule(path: string, name: string, text: string): Promise<unknown> {
  const url = pathToFileURL(path).href;
  const hooks = registerConfigHooks(url, path, text);
  let loaded: { default?: unknown };
  try {
    loaded = await import(url);
  } catch (error) {
    throw await importError(error, path, name, text);
  } finally {
    hooks?.deregister();
  }
  if (loaded.default === undefined) {
    throw configError(`${name} has no default export`, { expected: EXPORT, where: name });
  }
  return loaded.default;
}

/**
 * Lets a config in any folder say `import { defineConfig } from 'rankloom'` and mean the rankloom that reads it,
 * and be an ES module without a package.json beside it that says so.
 */
function registerConfigHooks(url: string, path: string, text: string): { deregister(): void } | undefined {
  const isModule = path.endsWith('.ts') || /^\s*(import|export)\b/m.test(text);
  return module.registerHooks?.({
    resolve: (specifier, context, next) =>
      specifier === 'rankloom'
        ? { url: new URL('../index.ts', import.meta.url).href, shortCircuit: true }
        : next(specifier, context),
    load: (asked, context, next) =>
      asked === url && isModule
        ? next(asked, { ...context, format: path.endsWith('.ts') ? 'module-typescript' : 'module' })
        : next(asked, context),
  });
}

async function importError(error: unknown, path: string, name: string, text: string): Promise<Error> {
  if (error instanceof RankloomError || !(error instanceof Error)) return error as Error;
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof SyntaxError) {
    const found = await syntaxProblem(error, path, text);
    if (found === undefined)
      return configError(`cannot read a module that ${name} imports: ${error.message}`, {
        where: /^(?:file:\/\/)?(\/.*:\d+)$/m.exec(error.stack ?? '')?.[1] ?? name,
        cause: error,
      });
    return invalid(name, text, found, error);
  }
  const [line, column] = frameIn(error, path) ?? [];
  const where = line === undefined ? name : `${name}:${line}:${column}`;
  if (code === 'ERR_MODULE_NOT_FOUND') {
    const missing = basename(/'([^']*)'/.exec(error.message)?.[1] ?? '');
    const statement = text.split('\n').find((l) => /\bfrom\b|\bimport\b/.test(l) && l.includes(missing));
    const offset = statement === undefined ? -1 : text.indexOf(statement) + statement.indexOf(missing);
    const { line, column } = positionOf(text, Math.max(0, offset));
    const where = offset < 0 ? name : `${name}:${line}:${column}`;
    return configError(`${name} imports what cannot be found: ${error.message.split(' imported from ')[0]}`, {
      where,
      cause: error,
    });
  }
  return configError(`${name} failed while it ran: ${error.message}`, { where, cause: error });
}

/** The innermost place of a stack that lies in the config. */
function frameIn(error: Error, path: string): [number, number] | undefined {
  for (const match of (error.stack ?? '').matchAll(/(file:\/\/[^\s()]+?):(\d+):(\d+)/g)) {
    if (fileURLToPath(match[1]) === path) return [Number(match[2]), Number(match[3])];
  }
  return undefined;
}

async function parseJson(path: string, name: string, text: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(name, text, (await syntaxProblem(error as Error, path, text))!, error);
  }
}

async function parseYaml(_path: string, name: string, text: string): Promise<unknown> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { logLevel: 'silent' });
  const [error] = document.errors;
  if (error === undefined) return document.toJS();
  const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
  throw invalid(name, text, { line, column: col, message: error.message.split(' at line ')[0] }, error);
}

interface SyntaxPlace {
  line: number;
  column: number;
  message: string;
}

function invalid(
  name: string,
  text: string,
  { line, column, message }: SyntaxPlace,
  cause: unknown,
): RankloomError {
  const source = text.split('\n')[line - 1] ?? '';
  const pad = source.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return configError(`${basename(name)} is not valid: ${message}\n  ${source}\n  ${pad}^`, {
    where: `${name}:${line}:${column}`,
    cause,
  });
}
