/**
 * Runs code of the user's, such as a config, and attributes to it what it does to the process: ending it, waiting
 * forever, throwing when nothing awaits it any more. Its printed output goes to stderr, since data go to stdout.
 */
import { Console } from 'node:console';
import { realpathSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { configError, isError, type OperationalError, toErrorInfo } from '../errors.ts';
import { placesOf } from '../flow/graph/stack-places.ts';

/** Files that were run: URL → name. */
const files = new Map<string, string>();
/** Hears of errors that nobody waits for, while a file is run. */
let hear: ((error: unknown) => void) | undefined;

/**
 * Runs code of a file, with its output on stderr. Throws a config error if the code never finishes.
 *
 * @param path path of the file
 * @param name name of the file, for messages
 */
export async function whileItRuns<T>(path: string, name: string, run: () => Promise<T>): Promise<T> {
  files.set(realpathSync(path), name);
  globalThis.console = new Console(process.stderr, process.stderr); // also for what it prints later
  const { write } = process.stdout;
  process.stdout.write = process.stderr.write.bind(process.stderr);
  const onExit = (code: number) => {
    process.stderr.write(
      `error: ${name} ended the program with process.exit(${code}) before it was read\n  expected: a config that gives its values and ends nothing\n  where: ${name}\n`,
    );
    process.exitCode = 2;
  };
  process.once('exit', onExit);
  let onIdle: () => void = () => {};
  const neverEnds = new Promise<never>((_, fail) => {
    onIdle = () =>
      fail(
        configError(`${name} waits for something that never comes`, {
          where: name,
          hint: 'look at what it awaits at its top level',
        }),
      );
    // The event loop is empty, yet the code has not finished.
    process.once('beforeExit', onIdle);
  });
  const stray = new Promise<never>((_, fail) => {
    hear = (error) => fail(lateError(error, [name]) ?? error);
  });
  const ran = async () => {
    const value = await run();
    await nextTurn(); // rejections without a handler are told by then
    return value;
  };
  try {
    return await Promise.race([ran(), neverEnds, stray]);
  } finally {
    hear = undefined;
    process.stdout.write = write;
    process.off('exit', onExit);
    process.off('beforeExit', onIdle);
  }
}

/** Tells an error that nobody waited for to whoever reads the file that is run; false if none is. */
export function heardByReader(error: unknown): boolean {
  hear?.(error);
  return hear !== undefined;
}

/**
 * What to say of an error that nobody waited for, if it comes from a file that was run. One without any place is of such a file
 * too: code of the program throws errors alone.
 *
 * @param names of the files that it may come from
 */
export function lateError(
  error: unknown,
  names: readonly string[] = [...files.values()],
): OperationalError | undefined {
  const { message, stack } = toErrorInfo(error);
  const failed = (name: string, where = name) =>
    configError(`${name} failed after it was read: ${message}`, {
      where,
      hint: 'it left something under way: a timer, or a promise that nobody awaits',
      cause: error,
    });
  for (const place of placesOf(stack)) {
    const [, file, position] = /^(.*?)(:\d+:\d+)$/.exec(place)!;
    const name = files.get(file);
    if (name !== undefined) return failed(name, `${name}${position}`);
  }
  return isError(error) || names.length === 0 ? undefined : failed(names.join(' or '));
}
