/**
 * Runs code of the user's, such as a config, and attributes to it what it does to the process: ending it, waiting
 * forever, throwing when nothing awaits it any more. Its printed output goes to stderr, since data go to stdout.
 */
import { Console } from 'node:console';
import { pathToFileURL } from 'node:url';
import { configError, type OperationalError } from '../errors.ts';

/** Files that were run: URL → name. */
const files = new Map<string, string>();

/**
 * Runs code of a file, with its output on stderr. Throws a config error if the code never finishes.
 *
 * @param path path of the file
 * @param name name of the file, for messages
 */
export async function whileItRuns<T>(path: string, name: string, run: () => Promise<T>): Promise<T> {
  files.set(pathToFileURL(path).href, name);
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
  try {
    return await Promise.race([run(), neverEnds]);
  } finally {
    process.stdout.write = write;
    process.off('exit', onExit);
    process.off('beforeExit', onIdle);
  }
}

/** Config error for an error that nothing awaited, if it comes from a file that was run. */
export function lateError(error: unknown): OperationalError | undefined {
  const { stack, message } = (error instanceof Error ? error : {}) as Partial<Error>;
  for (const match of (stack ?? '').matchAll(/(file:[^\s()]+?)(?:\?[^:]*)?:(\d+):(\d+)/g)) {
    const name = files.get(match[1]);
    if (name === undefined) continue;
    return configError(`${name} failed after it was read: ${message}`, {
      where: `${name}:${match[2]}:${match[3]}`,
      hint: 'it left something under way: a timer, or a promise that nobody awaits',
      cause: error,
    });
  }
  return undefined;
}
