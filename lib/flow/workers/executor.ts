/**
 * Executor interface, for running tasks. An executor is one file (thread-executor.ts, process-executor.ts) and one line of
 * the registry (executors.ts); runs depend on this interface only.
 */
import { type ErrorInfo, never } from '../../errors.ts';
import type { ActionLimits } from './limits.ts';
import type { Task, TaskEvent, TaskResult } from './task.ts';

export interface Executor {
  /**
   * Runs a task. Rejects with an `OperationalError` if its thread or process died, exceeded a limit or was ended by a
   * signal; an error of the task's own code is part of the result.
   */
  run(task: Task, options: TaskOptions): Promise<TaskRun>;
  /** Additional bytes of memory per task: those of an idle process, if each task has its own process. */
  readonly overheadBytes: number;
  /** Resident memory of the run on this machine, in bytes: this process and its child processes. */
  residentBytes(): number;
  /** Frees the memory of idle workers. Called only while no task runs. */
  relieve?(): Promise<void>;
  /** Called when all actions of a target have ended: their shared values are no longer needed. */
  endTarget?(target: string): void;
  close?(): Promise<void>;
}

export interface TaskOptions {
  onProgress(done: number, total: number, note?: string): void;
  /** Called with each line that the task's code prints. */
  onOutput(text: string): void;
  /** Called with an error of code whose action had already ended, and the target of that action. */
  onLateError(target: string, error: ErrorInfo): void;
  /** Ends the task: its own signal is aborted first, so that its code can clean up (`GRACE_MS`). */
  readonly signal: AbortSignal;
  /** Ends the task immediately, because memory is short. */
  readonly giveWay?: AbortSignal;
  readonly limits: ActionLimits;
  /** Returns the files and folders of the task's code, for executors that grant permissions. */
  code(): TaskCode;
}

export interface TaskRun {
  readonly result: TaskResult;
  readonly durationMs: number;
  /** Peak resident memory while the task ran, in bytes, of the whole process that it ran in. */
  readonly peakRssBytes: number;
}

/** Files, folders and variables that the code of a task consists of or may use; all paths are absolute and without links. */
export interface TaskCode {
  readonly files: readonly string[];
  /** Packages and other folders whose whole content counts. */
  readonly folders: readonly string[];
  /** Files and folders that the code names and that do not exist. */
  readonly absent: readonly string[];
  /** Names of environment variables. */
  readonly variables: readonly string[];
}

export interface ExecutorOptions {
  /** Number of concurrent tasks. */
  readonly workers: number;
  /** Maximum JavaScript heap of a worker, in bytes. Default: V8's own limit. */
  readonly heapBytes?: number;
}

export type MakeExecutor = (options: ExecutorOptions) => Executor;

/** Milliseconds from the abort of a task's signal to the end of its thread or process. */
export const GRACE_MS = 500;

/** Passes an event of a task to the matching callback. */
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
