/** All that a run tells about itself. Renderers see events and nothing else. */
import type { ErrorInfo } from '../errors.ts';

/** One thing that happened in a run, in the order in which it did. */
export type FlowEvent =
  | { type: 'run-started'; run: string; targets: string[]; workers: number }
  /** A target whose outputs are already there. */
  | { type: 'target-cached'; target: string }
  | { type: 'target-started'; target: string; why: string }
  /** An action is one unit of work: a whole target, or a plan, a part or the merge of a partitioned one. */
  | { type: 'action-started'; target: string; action: string }
  | { type: 'action-progress'; target: string; action: string; done: number; total: number; note?: string }
  /** A line that the code of an action printed. */
  | { type: 'output'; target: string; action: string; text: string }
  | {
      type: 'action-finished';
      target: string;
      action: string;
      outcome: 'ran' | 'cached';
      durationMs: number;
      peakRssBytes: number;
    }
  /** An action gave way, since all that ran held more than the memory budget: it starts again, alone. */
  | { type: 'action-retried'; target: string; action: string }
  /** An action gave other bytes than the one of the same key before. `kept` are the first, if they are still there. */
  | { type: 'nondeterministic'; target: string; action: string; outputs: string[]; kept: 'first' | 'new' }
  | { type: 'parts-planned'; target: string; round: number; parts: number; cached: number }
  | {
      type: 'target-finished';
      target: string;
      durationMs: number /** Outputs same as before: what depends on it may stay. */;
      unchanged: boolean;
    }
  | { type: 'target-failed'; target: string; action: string; error: ErrorInfo }
  | { type: 'target-blocked'; target: string; by: string }
  | { type: 'warning'; message: string }
  /** The first interrupt: what runs is finished, nothing new starts. */
  | { type: 'draining'; running: number }
  /** The second interrupt, or a signal that ends the run (`by`): what runs is ended. */
  | { type: 'ending'; running: number; by?: string }
  /** An external file is being hashed, in bytes; told from time to time, and once more when it is done. */
  | { type: 'hashing'; path: string; done: number; total: number }
  /** What another process holds is waited for; told again from time to time. `text` says who it is and what to do. */
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
      /** Where the outputs are, and whether they are those of all targets; absent if the run is not done. */
      outputs?: string;
      complete?: boolean;
    };

/** The end of a run: all asked for is up to date, something failed, or it was ended before. */
export type RunOutcome = 'done' | 'failed' | 'interrupted';
