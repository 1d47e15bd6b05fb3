/**
 * A layer between the program and the file system that makes it fail: loaded before everything else
 * (`node --import faults.ts`), it counts the calls that change something below a folder, in all threads of the
 * process, and at a chosen one ends the process with SIGKILL or answers with an error.
 *
 * By environment variables: FAULT_DIR is the folder, FAULT_AT the number of the call (1 is the first; absent: none),
 * FAULT_KIND what happens: `kill` just before the call, or an error code such as ENOSPC for it and all later ones.
 * FAULT_LOG is a file to which each call is written as a line of JSON.
 *
 * A write of a whole file is taken apart into open, two writes of half the bytes, and close, so that also a torn
 * file is met.
 */
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

const { FAULT_DIR: dir = '/nowhere', FAULT_AT, FAULT_KIND = 'kill', FAULT_LOG: log } = process.env;
const at = FAULT_AT === undefined ? Number.POSITIVE_INFINITY : Number(FAULT_AT);

// What is preloaded counts in the identity of code. This gives all code the same values: without a fault, the same keys.
const preloads = process.execArgv.indexOf('--import');
if (preloads >= 0) process.execArgv.splice(preloads, 2);

if (isMainThread) setEnvironmentData('faults', new Int32Array(new SharedArrayBuffer(4)) as never);
const counter = getEnvironmentData('faults') as unknown as Int32Array;

// biome-ignore lint/suspicious/noExplicitAny: functions of all shapes are wrapped alike
type Any = any;
const original: Record<string, Any> = { ...fs };
const paths = new Map<number, string>();

/** Counts a call; ends the process if its turn has come. Returns the error that it is to fail with, if any. */
function meet(call: string, names: string[]): Error | undefined {
  const number = Atomics.add(counter, 0, 1) + 1;
  if (log !== undefined) original.appendFileSync(log, `${JSON.stringify({ number, call, names })}\n`);
  if (number < at) return undefined;
  if (FAULT_KIND !== 'kill') {
    // What only frees or closes works on a full disk too.
    if (/^(unlink|rm|rmdir|rename|close|fsync|chmod)/.test(call)) return undefined;
    const error = new Error(`${FAULT_KIND}: made up for a test, ${call} '${names[0]}'`);
    return Object.assign(error, { code: FAULT_KIND, syscall: call, path: names[0] });
  }
  process.kill(process.pid, 'SIGKILL');
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}

/** The names below the folder that a call is about: paths, or those of open files. */
function namesOf(args: unknown[], pathArguments: number): string[] {
  return args
    .slice(0, pathArguments)
    .map((arg) => (typeof arg === 'number' ? (paths.get(arg) ?? '') : String(arg)))
    .filter((path) => path.startsWith(dir));
}

const isReadFlag = (flag: unknown) => flag === undefined || flag === 'r' || flag === 0;

/** Name → how many of its first arguments are paths or open files. */
const CALLS: Record<string, number> = {
  write: 1, writev: 1, fsync: 1, fdatasync: 1, ftruncate: 1, truncate: 1, rename: 2, link: 2, symlink: 2,
  unlink: 1, rm: 1, rmdir: 1, mkdir: 1, mkdtemp: 1, chmod: 1, fchmod: 1, copyFile: 2, utimes: 1, futimes: 1,
}; // biome-ignore format: a list

for (const [name, count] of Object.entries(CALLS)) {
  const sync = `${name}Sync`;
  (fs as Any)[sync] = (...args: unknown[]) => {
    const names = namesOf(args, count);
    const error = names.length === 0 ? undefined : meet(name, names);
    if (error !== undefined) throw error;
    return original[sync](...args);
  };
  (fs as Any)[name] = (...args: unknown[]) => {
    const names = namesOf(args, count);
    const error = names.length === 0 ? undefined : meet(name, names);
    if (error !== undefined) return void process.nextTick(args.at(-1) as Any, error);
    return original[name](...args);
  };
}

fs.openSync = (path: Any, flags?: Any, mode?: Any) => {
  const names = isReadFlag(flags) ? [] : namesOf([path], 1);
  const error = names.length === 0 ? undefined : meet('open', names);
  if (error !== undefined) throw error;
  const file = original.openSync(path, flags, mode);
  paths.set(file, String(path));
  return file;
};

(fs as Any).open = (path: Any, ...rest: Any[]) => {
  const flags = typeof rest[0] === 'function' ? undefined : rest[0];
  const names = isReadFlag(flags) ? [] : namesOf([path], 1);
  const error = names.length === 0 ? undefined : meet('open', names);
  const done = rest.pop();
  if (error !== undefined) return void process.nextTick(done, error);
  original.open(path, ...rest, (failed: Any, file: number) => {
    if (failed === null || failed === undefined) paths.set(file, String(path));
    done(failed, file);
  });
};

fs.closeSync = (file: number) => {
  paths.delete(file);
  original.closeSync(file);
};

fs.writeFileSync = (path: Any, data: Any, options: Any = {}) => {
  const flag = typeof options === 'object' ? options?.flag : undefined;
  const bytes =
    typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const file = typeof path === 'number' ? path : fs.openSync(path, flag ?? 'w');
  try {
    const half = bytes.length >> 1;
    fs.writeSync(file, bytes.subarray(0, half));
    fs.writeSync(file, bytes.subarray(half));
  } finally {
    if (typeof path !== 'number') fs.closeSync(file);
  }
};

const promises = fs.promises as Any;
const slow: Record<string, Any> = { ...promises };
for (const [name, count] of Object.entries(CALLS)) {
  if (slow[name] === undefined) continue;
  promises[name] = async (...args: unknown[]) => {
    const names = namesOf(args, count);
    const error = names.length === 0 ? undefined : meet(name, names);
    if (error !== undefined) throw error;
    return slow[name](...args);
  };
}
promises.writeFile = async (...args: Parameters<typeof fs.writeFileSync>) => fs.writeFileSync(...args);
promises.open = async (path: Any, flags?: Any, mode?: Any) => {
  const names = isReadFlag(flags) ? [] : namesOf([path], 1);
  const error = names.length === 0 ? undefined : meet('open', names);
  if (error !== undefined) throw error;
  const handle = await slow.open(path, flags, mode);
  if (names.length > 0) paths.set(handle.fd, String(path));
  for (const call of ['write', 'writev', 'sync', 'datasync', 'truncate']) {
    const own = handle[call].bind(handle);
    handle[call] = async (...args: unknown[]) => {
      const failed = names.length === 0 ? undefined : meet(call === 'sync' ? 'fsync' : call, names);
      if (failed !== undefined) throw failed;
      return own(...args);
    };
  }
  return handle;
};

syncBuiltinESMExports();
createRequire(import.meta.url)('node:fs'); // the same object: CommonJS packages see the wrapped calls too
