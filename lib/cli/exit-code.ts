/** Exit codes of commands that decide or run. */
import { type ErrorInfo, EXIT, exitCodeOf, never } from '../errors.ts';
import type { Decision, RunResult } from '../flow/index.ts';

/** Exit code of a command that decides: a target that cannot be decided has an input that cannot be read. */
export function exitCodeOfDecisions(decisions: readonly Decision[]): number {
  return decisions.some((d) => d.state === 'failed') ? EXIT.badInput : EXIT.done;
}

/** Exit code of a run. If stages are found to give other bytes than before, the result cannot be relied on. */
export function exitCodeOfRun({ outcome, failed, nondeterministic }: RunResult): number {
  switch (outcome) {
    case 'done':
      return nondeterministic.length > 0 ? EXIT.verificationFailed : EXIT.done;
    case 'interrupted':
      return EXIT.interrupted;
    case 'failed':
      return failed.length === 0 ? EXIT.stageFailed : exitCodeOfError(failed[0].error);
    default:
      return never(outcome);
  }
}

function exitCodeOfError({ kind }: ErrorInfo): number {
  return exitCodeOf(kind);
}
