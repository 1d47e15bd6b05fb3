/**
 * Runs code of the user's, such as a config, so that what it does to the process is told as its doing: it ends the
 * process, it waits for what never comes, it prints. What it prints goes to stderr, since data go to stdout.
 */
import { configError } from '../errors.ts';

/** @param name of the file, for messages */
export async function whileItRuns<T>(name: string, run: () => Promise<T>): Promise<T> {
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
    // Nothing is left that could happen, and still it has not come to its end.
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
