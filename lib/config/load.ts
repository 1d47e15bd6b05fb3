/** Search for and reading of the config file. */
import { readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import module from 'node:module';
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect, types } from 'node:util';
import { cosmiconfig } from 'cosmiconfig';
import { configError, OperationalError } from '../errors.ts';
import { positionOf } from './locate.ts';
import { providedModule } from './modules.ts';
import { whileItRuns } from './own-code.ts';
import { syntaxProblem } from './syntax.ts';

export interface ConfigFile {
  /** Absolute path. */
  readonly path: string;
  /** Name for messages: the path relative to where the command runs. */
  readonly name: string;
  readonly text: string;
  readonly value: unknown;
}

const SEARCH_PLACES = ['ts', 'js', 'mjs', 'json', 'yaml', 'yml'].map((ext) => `pipeline.config.${ext}`);

/**
 * Loads the given config file, or the nearest `pipeline.config.*` from `cwd` upwards to the first folder with a
 * package.json. Throws config errors: no file, unknown kind of file, syntax, failure while the file runs, no default
 * export.
 */
export async function loadConfigFile(cwd: string, given?: string): Promise<ConfigFile> {
  const path = given === undefined ? await findConfigFile(cwd) : requireGiven(cwd, given);
  if (path === undefined) throw notFound(cwd);
  const name = shownName(cwd, path);
  const text = readText(path, name);
  const isEmpty = text.trim() === '' && !isScript(path);
  const value = isEmpty ? undefined : await readValue(path, name, text);
  if (value === undefined) throw configError(`${name} holds no config`, { expected: EXPORT, where: name });
  return { path, name, text, value };
}

/** Path of the nearest config file from a folder upwards, absolute; undefined if there is none. */
export async function findConfigFile(cwd: string): Promise<string | undefined> {
  const noValue = Object.fromEntries(SEARCH_PLACES.map((place) => [extname(place), () => ({})]));
  const explorer = cosmiconfig('pipeline', {
    searchPlaces: SEARCH_PLACES,
    searchStrategy: 'project',
    ignoreEmptySearchPlaces: false,
    cache: false,
    loaders: noValue,
  });
  try {
    return (await explorer.search(cwd))?.filepath;
  } catch (error) {
    const { code, path = cwd } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw unreadable(shownName(cwd, path), path, error);
  }
}

const isScript = (path: string) => /\.(ts|js|mjs)$/.test(path);

function readText(path: string, name: string): string {
  try {
    // Some editors write a byte order mark at the beginning, which no parser accepts.
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw unreadable(name, path, error);
  }
}

function unreadable(name: string, path: string, cause: unknown): OperationalError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const why: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'it is a folder',
    ELOOP: 'its links lead round in a circle',
  };
  return configError(`cannot read ${name}: ${why[code ?? ''] ?? message}`, { where: path, cause });
}

function readValue(path: string, name: string, text: string): Promise<unknown> {
  if (isScript(path)) return importModule(path, name, text);
  return path.endsWith('.json') ? parseJson(path, name, text) : parseYaml(path, name, text);
}

const EXPORT = 'export default defineConfig({ … }) in a .ts or .js file, or an object in .json or .yaml';

/** Name of a file in messages: the path relative to where the command runs, if the file is below. */
export function shownName(cwd: string, path: string): string {
  const name = relative(cwd, path);
  return name.startsWith('..') || isAbsolute(name) ? path : name;
}

function requireGiven(cwd: string, given: string): string {
  if (given.trim() === '') throw configError('--config names no file', { expected: EXPORT });
  const path = resolve(cwd, given);
  const stat = statOf(path, given);
  if (stat === undefined) {
    throw configError(`no config file ${given}`, {
      where: dirname(path),
      hint: 'check the path given with --config, or write a config with: rankloom init',
    });
  }
  if (!stat.isFile()) {
    throw configError(`${given} is ${stat.isDirectory() ? 'a folder' : 'not a file'}, not a config`, {
      where: path,
      expected: `a file, such as ${join(given, SEARCH_PLACES[0])}`,
    });
  }
  if (!/\.(ts|js|mjs|json|ya?ml)$/.test(path)) {
    throw configError(`cannot tell what kind of config ${given} is`, {
      where: path,
      expected: 'a name that ends in .ts, .js, .mjs, .json, .yaml or .yml',
    });
  }
  return path;
}

function statOf(path: string, given: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ERR_INVALID_ARG_VALUE') return undefined;
    throw unreadable(given, path, error);
  }
}

function notFound(cwd: string): OperationalError {
  return configError('no config file found', {
    expected: `one of ${SEARCH_PLACES.join(', ')}`,
    where: `${cwd} and the folders above it, up to the first one with a package.json`,
    hint: 'write one with: rankloom init\nor name one with: --config FILE',
  });
}

/** Imports a config written in TypeScript or JavaScript; Node strips the types. */
async function importModule(given: string, name: string, text: string): Promise<unknown> {
  const path = realpathSync(given); // as Node knows the module
  const url = pathToFileURL(path).href;
  const hooks = registerConfigHooks(url, path, text);
  let loaded: { default?: unknown };
  try {
    loaded = await whileItRuns(path, name, () => import(url));
  } catch (error) {
    throw await importError(error, path, name, text);
  } finally {
    hooks?.deregister();
  }
  const value = loaded.default;
  if (value === undefined) {
    throw configError(`${name} has no default export`, { expected: EXPORT, where: name });
  }
  if (typeof value === 'function' || types.isPromise(value)) {
    const what = typeof value === 'function' ? 'a function' : 'a promise';
    throw configError(`the default export of ${name} is ${what}, not an object`, {
      expected: EXPORT,
      where: name,
      hint:
        typeof value === 'function'
          ? 'export what it returns'
          : 'put await before it: a config may wait at its top level',
    });
  }
  return value;
}

/**
 * Lets a config in any folder import what the running program provides (`import { defineConfig } from 'rankloom'`), and
 * be an ES module without a package.json beside it that says so.
 */
function registerConfigHooks(url: string, path: string, text: string): { deregister(): void } | undefined {
  const isModule = path.endsWith('.ts') || /^\s*(import|export)\b/m.test(text);
  return module.registerHooks?.({
    resolve: (specifier, context, next) => {
      const provided = providedModule(specifier);
      return provided === undefined ? next(specifier, context) : { url: provided, shortCircuit: true };
    },
    load: (asked, context, next) =>
      asked === url && isModule
        ? next(asked, { ...context, format: path.endsWith('.ts') ? 'module-typescript' : 'module' })
        : next(asked, context),
  });
}

/** Error to report when the import of a user's file fails, with the place in that file. */
export async function importError(error: unknown, path: string, name: string, text: string): Promise<Error> {
  if (error instanceof OperationalError) return error;
  if (!(error instanceof Error))
    return configError(`${name} failed while it ran: it threw ${inspect(error, { breakLength: Infinity })}`, {
      where: name,
      cause: error,
    });
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

/** Innermost place (line, column) of a stack trace that lies in the config. */
function frameIn(error: Error, path: string): [number, number] | undefined {
  for (const match of (error.stack ?? '').matchAll(/(file:\/\/[^\s()]+?):(\d+):(\d+)/g)) {
    if (match[1].split('?')[0] === pathToFileURL(path).href) return [Number(match[2]), Number(match[3])];
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
  if (error === undefined) {
    try {
      return document.toJS();
    } catch (cause) {
      throw configError(`cannot read ${name}: ${(cause as Error).message}`, { where: name, cause });
    }
  }
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
): OperationalError {
  const source = text.split('\n')[line - 1] ?? '';
  const pad = source.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return configError(`${basename(name)} is not valid: ${message}\n  ${source}\n  ${pad}^`, {
    where: `${name}:${line}:${column}`,
    cause,
  });
}
