/** Events of a run. Renderers get events and nothing else. */
import type { ErrorInfo } from '../errors.ts';

/** Event of a run; events are emitted in the order in which they happen. */
export type FlowEvent =
  | { type: 'run-started'; run: string; targets: string[]; workers: number }
  /** A target's outputs are already in the store. */
  | { type: 'target-cached'; target: string }
  | { type: 'target-started'; target: string; why: string }
  /** Start of an action, the unit of work: a whole target, or the plan, a part or the merge of a partitioned target. */
  | { type: 'action-started'; target: string; action: string }
  | { type: 'action-progress'; target: string; action: string; done: number; total: number; note?: string }
  /** A line printed by the code of an action. */
  | { type: 'output'; target: string; action: string; text: string }
  | {
      type: 'action-finished';
      target: string;
      action: string;
      outcome: 'ran' | 'cached';
      durationMs: number;
      peakRssBytes: number;
    }
  /** An action was stopped because the running actions exceeded the memory budget; it starts again, alone. */
  | { type: 'action-retried'; target: string; action: string }
  /** An action produced other bytes than an earlier one with the same key. The first outputs are kept if they still exist. */
  | { type: 'nondeterministic'; target: string; action: string; outputs: string[]; kept: 'first' | 'new' }
  | { type: 'parts-planned'; target: string; round: number; parts: number; cached: number }
  | {
      type: 'target-finished';
      target: string;
      durationMs: number /** Outputs are the same as before: dependents may still be up to date. */;
      unchanged: boolean;
    }
  | { type: 'target-failed'; target: string; action: string; error: ErrorInfo }
  | { type: 'target-blocked'; target: string; by: string }
  | { type: 'warning'; message: string }
  /** First interrupt: running actions finish, no new ones start. */
  | { type: 'draining'; running: number }
  /** Second interrupt, or a signal that ends the run (`by`): running actions are stopped. */
  | { type: 'ending'; running: number; by?: string }
  /** Progress of hashing an external file, in bytes; repeated from time to time, and once more at the end. */
  | { type: 'hashing'; path: string; done: number; total: number }
  /** Waiting for another process; repeated from time to time. `text` names the process and what to do. */
  | { type: 'waiting'; target?: string; text: string; waitedMs: number }
  | {
      type: 'run-finished';
      run: string;
      outcome: RunOutcome;
      ran: number;
      cached: number;
      failed: number;
      blocked: number;
      durationMs: number;
      /** Folder of the outputs, and whether it has those of all targets; absent if the run is not done. */
      outputs?: string;
      complete?: boolean;
    };

/** Outcome of a run: all requested targets are up to date, something failed, or the run was interrupted. */
export type RunOutcome = 'done' | 'failed' | 'interrupted';
