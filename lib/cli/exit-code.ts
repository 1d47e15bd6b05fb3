/** Exit codes of commands that decide or run. */
import { type ErrorInfo, EXIT, exitCodeOf } from '../errors.ts';
import type { Decision, RunResult } from '../flow/index.ts';

/** A target that cannot be decided has an input that cannot be read. */
export function exitCodeOfDecisions(decisions: readonly Decision[]): number {
  return decisions.some((d) => d.state === 'failed') ? EXIT.badInput : EXIT.done;
}

export function exitCodeOfRun({ outcome, failed }: RunResult): number {
  switch (outcome) {
    case 'done':
      return EXIT.done;
    case 'interrupted':
      return EXIT.interrupted;
    case 'failed':
      return failed.length === 0 ? EXIT.stageFailed : exitCodeOfError(failed[0].error);
  }
}

function exitCodeOfError({ kind }: ErrorInfo): number {
  return exitCodeOf(kind);
}
