/** Handling of signals: the first Ctrl-C finishes running work, the second aborts it, a third ends the process. */
import { constants } from 'node:os';
import { EXIT } from '../../errors.ts';
import { endProcess } from './end-process.ts';

export interface Interrupts {
  readonly drain: AbortSignal;
  /** Signal to end at once. Its reason is the name of the process signal, if that alone was the cause. */
  readonly kill: AbortSignal;
  /** Exit code of an interrupted process: 128 plus the number of the signal, as in shells. */
  exitCode(): number;
  stopListening(): void;
}

/** Time in milliseconds after which a process that was told to end at once does so, whatever it waits for. */
const BOUND_MS = 4_000;

/** Does to the run that is under way what a signal does; undefined where there is none. */
let end: ((reason: string, exitCode: number) => void) | undefined;

/** Ends the run that is under way, which leaves its record; false where there is none. */
export function endRun(reason: string, exitCode: number): boolean {
  end?.(reason, exitCode);
  return end !== undefined;
}

/** Listens for SIGINT and SIGTERM. SIGHUP is left out: a run goes on when its terminal is closed (see start.ts). */
export function listenForInterrupts(): Interrupts {
  const drain = new AbortController();
  const kill = new AbortController();
  let exitCode: number = EXIT.interrupted;
  const endAtOnce = (reason?: string) => {
    if (kill.signal.aborted) endProcess(exitCode);
    kill.abort(reason);
    drain.abort();
    setTimeout(() => endProcess(exitCode), BOUND_MS).unref();
  };
  const onInterrupt = () => (drain.signal.aborted ? endAtOnce() : drain.abort());
  // A scheduler that ends a job sends SIGTERM and waits a few seconds: too short to finish anything.
  const onTerminate = (signal: NodeJS.Signals) => {
    exitCode = 128 + constants.signals[signal];
    endAtOnce(signal);
  };
  end = (reason, code) => {
    exitCode = code;
    endAtOnce(reason);
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return {
    drain: drain.signal,
    kill: kill.signal,
    exitCode: () => exitCode,
    stopListening() {
      end = undefined;
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    },
  };
}
