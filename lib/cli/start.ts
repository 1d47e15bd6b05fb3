/** Start of a command: from arguments to an exit code. */

import { heardByReader, lateError } from '../config/own-code.ts';
import { EXIT, fromErrorInfo, storeError, usageError } from '../errors.ts';
import { provideHints } from '../flow/hints.ts';
import { nameProcess } from '../flow/locks/lock-owner.ts';
import { mayHang } from '../flow/processes/stuck-threads.ts';
import type { App } from './app.ts';
import { hintsOf } from './hints.ts';
import { lostOutput, tolerateLostStreams } from './output/ui.ts';

/** Runs a command and sets the exit code. Never throws. */
export async function start(app: App, args: readonly string[]): Promise<void> {
  tolerateLostStreams();
  nameProcess(app.name, args);
  provideHints(hintsOf(app.name));
  // A closed terminal ends no command, with or without `nohup`: Node forgets the signal settings it was started with.
  process.on('SIGHUP', () => {});
  const debug = args.includes('--debug');
  if (!debug) hideWarnings();
  // styleText looks here, in every module that colours text.
  if (args.includes('--no-color')) process.env.NO_COLOR = '1';
  const fail = async (error: unknown): Promise<number> => {
    const { reportFailure } = await import('./failure.ts');
    return reportFailure(error, { debug, json: args.includes('--json') });
  };
  const strays = listenForStrays(fail);
  try {
    requireFolder();
    const { runCommand } = await import('./program.ts');
    const code = await runCommand(app, args);
    process.exitCode = strays.exitCode() ?? code;
  } catch (error) {
    process.exitCode = await fail(error);
  }
  await tellLostOutput(process.exitCode === EXIT.done ? fail : undefined);
  await endSurely();
}

/**
 * Errors that nobody waits for shall not look worse than those that somebody catches: they may come from code of a config. The
 * first ends the command; a run leaves its record before.
 *
 * @param fail tells an error, and gives the exit code
 */
function listenForStrays(fail: (error: unknown) => Promise<number>): { exitCode(): number | undefined } {
  let isTold = false;
  let exitCode: number | undefined;
  const onStray = async (error: unknown) => {
    if (isTold || heardByReader(error)) return;
    isTold = true;
    const [{ blame }, { endRun }] = await Promise.all([
      import('../flow/workers/blame.ts'),
      import('./session/interrupt.ts'),
    ]);
    exitCode = await fail(lateError(error) ?? fromErrorInfo(blame(error, [])));
    if (endRun('after an error that nobody caught', exitCode)) return;
    if (mayHang()) (await import('./session/end-process.ts')).endProcess(exitCode);
    process.exit(exitCode);
  };
  process.on('uncaughtException', onStray);
  process.on('unhandledRejection', onStray);
  return { exitCode: () => exitCode };
}

/** Fails a command whose data did not arrive. */
async function tellLostOutput(fail: ((error: unknown) => Promise<number>) | undefined): Promise<void> {
  if (process.stdout.writableLength > 0) await new Promise((done) => process.stdout.write('', done));
  await new Promise((done) => setImmediate(done)); // errors of streams arrive a turn later
  const error = lostOutput();
  if (error === undefined || fail === undefined) return;
  process.exitCode = await fail(
    storeError(`stdout did not take all that was printed: ${error.message}`, {
      where: 'the file or device that stdout goes to',
      hint: 'make room there, or send it elsewhere, and print again; what was made is in the store',
      cause: error,
    }),
  );
}

const LINGER_MS = 1_000;

/** Ends the process although code of the user's has left something under way. Output that is still read is awaited. */
async function endSurely(): Promise<void> {
  if (!mayHang()) return;
  const { endProcess } = await import('./session/end-process.ts');
  let isEnding = false;
  process.on('exit', (code) => {
    if (isEnding) return;
    isEnding = true;
    endProcess(code);
  });
  const look = setInterval(() => {
    if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit();
  }, LINGER_MS);
  look.unref();
}

/** Requires the folder where the command runs: it may have been removed, and then no path can be resolved. */
function requireFolder(): void {
  try {
    process.cwd();
  } catch (cause) {
    throw usageError('the folder in which this command runs is gone', {
      hint: 'change to a folder that is there, for example with: cd ~',
      cause,
    });
  }
}

/** Hides experimental warnings: Node announces some of its own features, and a user cannot act on that. */
function hideWarnings(): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    if (name !== 'ExperimentalWarning') process.stderr.write(`${name}: ${message}\n`);
  });
}
