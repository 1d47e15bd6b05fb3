/** Ctrl-C: the first finishes what runs, the second ends it. */
import { constants } from 'node:os';
import { EXIT } from '../errors.ts';

export interface Interrupts {
  readonly drain: AbortSignal;
  readonly kill: AbortSignal;
  /** What an interrupted process exits with: 128 and the number of the signal, as shells have it. */
  exitCode(): number;
  stopListening(): void;
}

export function listenForInterrupts(): Interrupts {
  const drain = new AbortController();
  const kill = new AbortController();
  const onInterrupt = () => (drain.signal.aborted ? kill : drain).abort();
  // A scheduler that ends a job sends SIGTERM and waits a few seconds: too short to finish anything.
  let exitCode: number = EXIT.interrupted;
  const onTerminate = (signal: NodeJS.Signals) => {
    exitCode = 128 + constants.signals[signal];
    drain.abort();
    kill.abort();
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  process.on('SIGHUP', onTerminate); // the terminal was closed
  return {
    drain: drain.signal,
    kill: kill.signal,
    exitCode: () => exitCode,
    stopListening() {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
      process.off('SIGHUP', onTerminate);
    },
  };
}
