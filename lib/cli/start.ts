/** From arguments to an exit code. */
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
  // What nobody waits for shall not look worse than what somebody catches.
  process.on('uncaughtException', (error) => fail(error).then((code) => process.exit(code)));
  try {
    const { runCommand } = await import('./program.ts');
    process.exitCode = await runCommand(app, args);
  } catch (error) {
    process.exitCode = await fail(error);
  }
}

/** Node announces some of its own features as experimental: nothing that a user could act on. */
function hideWarnings(): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    if (name !== 'ExperimentalWarning') process.stderr.write(`${name}: ${message}\n`);
  });
}
