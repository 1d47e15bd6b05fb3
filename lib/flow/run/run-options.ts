/** What a run is asked to do, and what it says when it is over. */
import { type ErrorInfo, OperationalError } from '../../errors.ts';
import type { Resolved } from '../decide/decide.ts';
import type { FlowEvent, RunOutcome } from '../events.ts';
import type { Target } from '../graph/target.ts';
import type { RunOutputs } from '../runs/publish-run.ts';
import type { StudyId } from '../runs/studies.ts';
import type { Plain } from '../stage.ts';
import type { MakeExecutor } from '../workers/executor.ts';
import type { ActionLimits } from '../workers/limits.ts';

/** The options of a run: its targets, its limits, and the listener of its events. */
export interface RunOptions {
  /** Default: all. Must hold, with each target, all that it depends on: see `selectTargets`. */
  readonly targets?: ReadonlySet<string>;
  /** Targets to run even if their outputs are there. */
  readonly force?: ReadonlySet<string>;
  /** Actions at a time, and threads of a parallel region: a whole number from 1. More than there are cores gain nothing. */
  readonly workers: number;
  /**
   * Memory budget in bytes, above 0: actions side by side are admitted to it, and the last to come gives way where all
   * hold more. One that alone needs more runs alone, and is told. Default: 80 % of what the machine or the
   * control group has.
   */
  readonly memoryBytes?: number;
  /** What one action may take at most: time, and memory of its own. Default: no limit. */
  readonly limits?: ActionLimits;
  /** Runs every action in a process of its own that may read nothing but its inputs and its code. */
  readonly hermetic?: boolean;
  /** Where actions run: one of `executors` (workers/executors.ts), or another. Default: threads, or processes if `hermetic`. */
  readonly executor?: MakeExecutor;
  /** False: names for outputs are folders of hard links or copies in this store from now on, not symbolic links. */
  readonly links?: boolean;
  /** After a failure, go on with what does not depend on it. Default: stop. */
  readonly keepGoing?: boolean;
  /** First interrupt: finish what runs, start nothing. */
  readonly drain?: AbortSignal;
  /** Second interrupt: end what runs. */
  readonly kill?: AbortSignal;
  readonly onEvent: (event: FlowEvent) => void;
  /** What the run's manifest says of its surroundings: config, versions, revision. */
  readonly manifest?: Readonly<Record<string, Plain>>;
  /** For what the targets are brought up to date: config and data, as people name them. See history.ts. */
  readonly study?: string;
  /** The study that the outputs belong to, and with it where they are shown. See studies.ts. */
  readonly id?: StudyId;
  /** Values that were given beside the config file and changed something, as they were given: for the record. */
  readonly given?: readonly string[];
  /** Called before a target runs: throws if the target is no longer what the run's plan says, and so fails it. */
  readonly enforcePlan?: (target: Target, resolved: Resolved) => void;
}

/** The outcome of a run. */
export interface RunResult {
  readonly outcome: RunOutcome;
  /** The run's id: its name under runs/, if anything ran or failed. */
  readonly run: string;
  readonly ran: number;
  readonly cached: number;
  /** Targets of the graph that are up to date, asked for or not; 0 if the run is not done. */
  readonly upToDate: number;
  readonly failed: readonly { readonly target: string; readonly error: ErrorInfo }[];
  readonly blocked: readonly string[];
  /** Targets whose actions gave other bytes than before under the same key. */
  readonly nondeterministic: readonly string[];
  readonly durationMs: number;
  /** Where the outputs are; absent if the run is not done. */
  readonly outputs?: RunOutputs;
}

/** The error that a failed run ends with: the first failure. */
export function firstError(result: RunResult): OperationalError | undefined {
  const [first] = result.failed;
  return first === undefined
    ? undefined
    : new OperationalError(first.error.kind, first.error.message, first.error);
}
