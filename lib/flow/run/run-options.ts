/** Options and result of a run. */
import { type ErrorInfo, OperationalError } from '../../errors.ts';
import type { Resolved } from '../decide/decide.ts';
import type { FlowEvent, RunOutcome } from '../events.ts';
import type { Target } from '../graph/target.ts';
import type { RunOutputs } from '../runs/publish-run.ts';
import type { StudyId } from '../runs/studies.ts';
import type { Plain } from '../stage.ts';
import type { MakeExecutor } from '../workers/executor.ts';
import type { ActionLimits } from '../workers/limits.ts';

/** Options of a run: targets, limits, and the listener for events. */
export interface RunOptions {
  /** Targets to bring up to date; must include all their dependencies: see `selectTargets`. Default: all. */
  readonly targets?: ReadonlySet<string>;
  /** Targets to run even if their outputs are in the store. */
  readonly force?: ReadonlySet<string>;
  /** Concurrent actions, and threads of a parallel region: an integer from 1. More than the number of cores gain nothing. */
  readonly workers: number;
  /**
   * Memory budget in bytes, above 0. Concurrent actions are admitted within it; if they exceed it, the one admitted last is
   * stopped. An action that alone needs more runs alone, with a warning. Default: 80 % of the memory of the machine or the
   * control group.
   */
  readonly memoryBytes?: number;
  /** Limits per action on time and on its own memory. Default: none. */
  readonly limits?: ActionLimits;
  /** Runs every action in a separate process that may read only its inputs and its code. */
  readonly hermetic?: boolean;
  /** Executor of actions: one of `executors` (workers/executors.ts), or another. Default: threads; processes if `hermetic`. */
  readonly executor?: MakeExecutor;
  /** False: from now on, this store publishes outputs as folders of hard links or copies, not as symbolic links. */
  readonly links?: boolean;
  /** True: after a failure, continue with targets that do not depend on it. Default: stop. */
  readonly keepGoing?: boolean;
  /** First interrupt: finish running actions, start no new ones. */
  readonly drain?: AbortSignal;
  /** Second interrupt: stop running actions. */
  readonly kill?: AbortSignal;
  readonly onEvent: (event: FlowEvent) => void;
  /** Additional entries of the run's manifest: config, versions, revision. */
  readonly manifest?: Readonly<Record<string, Plain>>;
  /** Study that the targets are brought up to date for: a label of config and data. See history.ts. */
  readonly study?: string;
  /** Study that the outputs are published under. See studies.ts. */
  readonly id?: StudyId;
  /** Values given besides the config file that changed it, as given, for the run's manifest. */
  readonly given?: readonly string[];
  /** Called before a target runs; fails the target by throwing if it no longer matches the run's plan. */
  readonly enforcePlan?: (target: Target, resolved: Resolved) => void;
}

/** Result of a run. */
export interface RunResult {
  readonly outcome: RunOutcome;
  /** Id of the run: its name under runs/, if anything ran or failed. */
  readonly run: string;
  readonly ran: number;
  readonly cached: number;
  /** Number of targets of the graph that are up to date, selected or not; 0 if the run is not done. */
  readonly upToDate: number;
  readonly failed: readonly { readonly target: string; readonly error: ErrorInfo }[];
  readonly blocked: readonly string[];
  /** Targets whose actions produced other bytes than before under the same key. */
  readonly nondeterministic: readonly string[];
  readonly durationMs: number;
  /** Published outputs; absent if the run is not done. */
  readonly outputs?: RunOutputs;
}

/** Error of the first failure of a run; undefined if nothing failed. */
export function firstError(result: RunResult): OperationalError | undefined {
  const [first] = result.failed;
  return first === undefined
    ? undefined
    : new OperationalError(first.error.kind, first.error.message, first.error);
}
