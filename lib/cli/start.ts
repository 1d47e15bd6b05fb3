/** From arguments to an exit code. */
import { usageError } from '../errors.ts';
import type { App } from './app.ts';
import { tolerateClosedPipes } from './ui.ts';

/** Runs a command and sets the exit code. Never throws. */
export async function start(app: App, args: readonly string[]): Promise<void> {
  tolerateClosedPipes();
  const debug = args.includes('--debug');
  if (!debug) hideWarnings();
  // styleText looks here, in every module that colours text.
  if (args.includes('--no-color')) process.env.NO_COLOR = '1';
  const fail = async (error: unknown): Promise<number> => {
    const { reportFailure } = await import('./failure.ts');
    return reportFailure(error, { debug, json: args.includes('--json') });
  };
  const failLate = async (error: unknown): Promise<number> => {
    const { lateError } = await import('../config/own-code.ts');
    return fail(lateError(error) ?? error);
  };
  // What nobody waits for shall not look worse than what somebody catches.
  process.on('uncaughtException', (error) => failLate(error).then((code) => process.exit(code)));
  try {
    requireFolder();
    const { runCommand } = await import('./program.ts');
    process.exitCode = await runCommand(app, args);
  } catch (error) {
    process.exitCode = await fail(error);
  }
}

/** The folder in which a shell stands may have been removed: then no path can be told. */
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

/** Node announces some of its own features as experimental: nothing that a user could act on. */
function hideWarnings(): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    if (name !== 'ExperimentalWarning') process.stderr.write(`${name}: ${message}\n`);
  });
}
