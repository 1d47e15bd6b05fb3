/**
 * Watch over the files that an action's own code reads. Identities follow code without running it; a file that code finds
 * in another way (a path put together, a field, an alias of a function) shows when it is read. A read that no key knows
 * makes the action's result worthless, so it is told as an error.
 *
 * Watched are modules that are imported or required, Node's functions for files, threads, and processes with the files
 * that they are given. Files are not watched inside threads and processes that the code starts.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { registerHooks, syncBuiltinESMExports } from 'node:module';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import workerThreads from 'node:worker_threads';
import { OperationalError } from '../../errors.ts';
import { isOfFramework, KnownFiles, trustPackageOf } from './known-files.ts';
import type { ReadableFiles } from './task.ts';

/** Read that no key knows. */
export interface UnknownRead {
  readonly path: string;
  /** 'runs' for code that was not followed, such as a script that a process runs. */
  readonly verb: 'reads' | 'runs';
}

/** Taken before it is watched. */
const { statSync } = fs;

let known: KnownFiles | undefined;
let found: UnknownRead[] = [];
let isWatching = false;

/** Begins to watch the code of an action in this thread. */
export function watchReads(readable: ReadableFiles): void {
  known = new KnownFiles(readable);
  found = [];
  if (isWatching) return;
  isWatching = true;
  watchModules();
  watchFiles();
  watchThreads();
  watchProcesses();
  syncBuiltinESMExports();
}

/** Ends the watch. Returns the reads that no key knows, in their order. */
export function endWatch(): UnknownRead[] {
  known = undefined;
  return found;
}

/** The error for reads that no key knows, at least one. */
export function undeclaredRead([{ path, verb }, ...others]: readonly UnknownRead[], stage: string) {
  const rest = new Set(others.map((read) => read.path).filter((other) => other !== path)).size;
  const more = rest === 0 ? '' : ` and ${rest} more`;
  return new OperationalError('impure', `stage ${stage} ${verb} ${path}${more}, which no key knows`, {
    expected:
      'a stage reads its declared inputs and its own code: a change of anything else would not be seen',
    where: path,
    hint:
      verb === 'reads'
        ? "data: declare the file in `inputs` of the stage (fromFile); code and its assets: name it in full, as new URL('./name', import.meta.url) or in an import"
        : "run the code in a thread that names it: new Worker(new URL('./name', import.meta.url)), or fork(new URL(...))",
  });
}

function note(path: unknown, verb: UnknownRead['verb'] = 'reads'): void {
  const file = known && fileOf(path);
  if (file === undefined || known === undefined) return;
  const isFine = verb === 'reads' ? known.mayRead(file) : known.mayRun(file);
  if (!isFine) found.push({ path: file, verb });
}

/** A path as Node's functions take it; undefined for a file descriptor and for nonsense, which they refuse. */
function fileOf(path: unknown): string | undefined {
  try {
    if (path instanceof URL) return path.protocol === 'file:' ? fileURLToPath(path) : undefined;
    if (typeof path === 'string') return path.startsWith('file://') ? fileURLToPath(path) : resolve(path);
    return Buffer.isBuffer(path) ? resolve(path.toString()) : undefined;
  } catch {
    return undefined;
  }
}

/** Notes modules that code of the user's, or of a package, imports or requires. */
function watchModules(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const result = next(specifier, context);
      if (!result.url.startsWith('file:')) return result;
      const from = fileOf(context.parentURL);
      if (from === undefined || isOfFramework(from)) trustPackageOf(fileURLToPath(result.url));
      else note(result.url);
      return result;
    },
  });
}

type Functions = Record<string, (...given: unknown[]) => unknown>;

const READS = [
  'readFile',
  'readdir',
  'opendir',
  'stat',
  'lstat',
  'access',
  'exists',
  'readlink',
  'openAsBlob',
];
const MAKES = ['writeFile', 'appendFile', 'mkdir', 'truncate'];
const COPIES = ['copyFile', 'cp', 'rename', 'link'];

function watchFiles(): void {
  const promises = fs.promises as unknown as Functions;
  for (const functions of [fs as unknown as Functions, promises]) {
    const each = (names: readonly string[], before: (...given: unknown[]) => void) => {
      for (const name of names.flatMap(variants)) wrap(functions, name, before);
    };
    each(READS, (path) => note(path));
    each(MAKES, made);
    each(COPIES, (from, to) => {
      note(from);
      made(to);
    });
    each(['open'], opened);
    each(['createReadStream'], (path, options) => opened(path, flagsOf(options, 'r')));
    each(['createWriteStream'], (path, options) => opened(path, flagsOf(options, 'w')));
    for (const name of variants('mkdtemp')) wrapResult(functions, name, made);
  }
}

const variants = (name: string) => [name, `${name}Sync`];

const flagsOf = (options: unknown, otherwise: string) =>
  (options as { flags?: string } | null | undefined)?.flags ?? otherwise;

function made(path: unknown): void {
  const file = known && fileOf(path);
  if (file !== undefined) known?.made(file);
}

/** Notes a file that is opened: for reading, or, with flags that create it, as made by the action. */
function opened(path: unknown, flags: unknown): void {
  const isWrite = typeof flags === 'number' ? (flags & 3) !== 0 : /[wa+]/.test(String(flags ?? 'r'));
  if (isWrite) made(path);
  else note(path);
}

/** Replaces a function by one that calls `before` with its arguments first. */
function wrap(functions: Functions, name: string, before: (...given: unknown[]) => void): void {
  const original = functions[name];
  if (typeof original !== 'function') return;
  const watch = (call: Functions[string]) =>
    function (this: unknown, ...given: unknown[]) {
      if (known !== undefined) before(...given);
      return Reflect.apply(call, this, given);
    };
  const properties = Object.getOwnPropertyDescriptors(original) as Record<PropertyKey, PropertyDescriptor>;
  const promised = properties[promisify.custom];
  if (promised !== undefined) promised.value = watch(promised.value);
  functions[name] = Object.defineProperties(watch(original), properties);
}

/** Replaces a function by one that hands its result to `after`, by whichever way it gives results. */
function wrapResult(functions: Functions, name: string, after: (path: unknown) => void): void {
  const original = functions[name];
  if (typeof original !== 'function') return;
  functions[name] = function (this: unknown, ...given: unknown[]) {
    const callback = given.at(-1);
    if (typeof callback === 'function') {
      given[given.length - 1] = (error: unknown, path: unknown) => {
        after(path);
        callback(error, path);
      };
    }
    const result = Reflect.apply(original, this, given);
    if (result instanceof Promise) result.then(after, () => {});
    else after(result);
    return result;
  };
}

/** Notes the files of threads: code that must have been followed. */
function watchThreads(): void {
  const { Worker } = workerThreads;
  workerThreads.Worker = class extends Worker {
    constructor(file: string | URL, options?: workerThreads.WorkerOptions) {
      if (known !== undefined && options?.eval !== true) note(file, 'runs');
      super(file, options);
    }
  };
}

/** Notes the files that a process is given: the script of a process of Node is code, other files are read. */
function watchProcesses(): void {
  const processes = childProcess as unknown as Functions;
  wrap(processes, 'fork', (file) => note(file, 'runs'));
  for (const name of ['spawn', 'spawnSync', 'execFile', 'execFileSync']) wrap(processes, name, noteCommand);
  for (const name of ['exec', 'execSync'])
    wrap(processes, name, (command, options) => noteCommand(...wordsOf(command), options));
}

function wordsOf(command: unknown): [string, string[]] {
  const [program = '', ...rest] = String(command)
    .split(/\s+/)
    .map((word) => word.replaceAll(/^["']|["';]$/g, ''));
  return [program, rest];
}

function noteCommand(program: unknown, given: unknown, options?: unknown): void {
  const words = Array.isArray(given) ? given.map(String) : [];
  const cwd = String((options as { cwd?: unknown } | undefined)?.cwd ?? process.cwd());
  const isNode = /^node(\.exe)?$/.test(basename(String(program))) || program === process.execPath;
  if (!isNode) noteFile(String(program), cwd);
  let isScript = isNode;
  for (const word of words) {
    const path = word.replace(/^-[^=]*=/, '');
    if (noteFile(path, cwd, isScript && !word.startsWith('-') ? 'runs' : 'reads') && !word.startsWith('-'))
      isScript = false;
  }
}

/** Notes a word of a command if it is the path of a file. */
function noteFile(word: string, cwd: string, verb?: UnknownRead['verb']): boolean {
  const isPath = word.includes('/') || word.includes('.') || verb === 'runs';
  if (!isPath || word.startsWith('-')) return false;
  const path = resolve(cwd, word);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  note(path, verb);
  return true;
}
