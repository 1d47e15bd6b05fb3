/**
 * Where tasks run. An executor is one file (thread-executor.ts, process-executor.ts) and one line of the registry
 * (executors.ts); a run knows no more of it than this interface.
 */
import { type ErrorInfo, never } from '../../errors.ts';
import type { ActionLimits } from './limits.ts';
import type { Task, TaskEvent, TaskResult } from './task.ts';

export interface Executor {
  /**
   * Runs a task to its end. Rejects with a `OperationalError` if what the task ran in died, was over a limit or was ended by a
   * signal; an error of the task's own code is its result.
   */
  run(task: Task, options: TaskOptions): Promise<TaskRun>;
  /** Memory that each task takes besides its own, in bytes: that of a process, where each has one. */
  readonly overheadBytes: number;
  /** Resident memory on this machine of all that the run holds, in bytes: of this process, and of those that it started. */
  residentBytes(): number;
  /** Gives back what idle workers hold. Only called while no task runs. */
  relieve?(): Promise<void>;
  /** Called when all actions of a target are over: what they shared is of no use any more. */
  endTarget?(target: string): void;
  close?(): Promise<void>;
}

export interface TaskOptions {
  onProgress(done: number, total: number, note?: string): void;
  /** Hears each line that the task's code prints. */
  onOutput(text: string): void;
  /** Hears of an error of code whose action had ended before, and the target of that action. */
  onLateError(target: string, error: ErrorInfo): void;
  /** Ends the task: first the task's own signal is aborted, so that its code may put things away (`GRACE_MS`). */
  readonly signal: AbortSignal;
  /** Ends the task at once: memory is short. */
  readonly giveWay?: AbortSignal;
  readonly limits: ActionLimits;
  /** What the task's code is made of, for executors that grant permissions. */
  code(): TaskCode;
}

export interface TaskRun {
  readonly result: TaskResult;
  readonly durationMs: number;
  /** The largest resident memory while the task ran, in bytes: of the process that it ran in, threads and all. */
  readonly peakRssBytes: number;
}

/** What the code of a task is made of, and what it may use; all paths are absolute and without links. */
export interface TaskCode {
  readonly files: readonly string[];
  /** Packages and other folders that count as a whole. */
  readonly folders: readonly string[];
  /** What the code names and is not there. */
  readonly absent: readonly string[];
  /** Variables of the environment. */
  readonly variables: readonly string[];
}

export interface ExecutorOptions {
  /** Tasks at a time. */
  readonly workers: number;
  /** The most that the JavaScript heap of a worker may grow to, in bytes; default: V8's own. */
  readonly heapBytes?: number;
}

export type MakeExecutor = (options: ExecutorOptions) => Executor;

/** Time from the abort of a task's signal to the end of its thread or process. */
export const GRACE_MS = 500;

/** Passes an event of a task on to those who asked for it. */
export function passOn(event: TaskEvent, options: TaskOptions): void {
  switch (event.type) {
    case 'progress':
      options.onProgress(event.done, event.total, event.note);
      break;
    case 'output':
      options.onOutput(event.text);
      break;
    case 'late-error':
      options.onLateError(event.target, event.error);
      break;
    default:
      never(event);
  }
}
