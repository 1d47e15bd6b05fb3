/**
 * A task: what a worker is to do for one action, and what it answers. Plain data, which can also be written as JSON: a worker
 * is a thread, a process, or a process of another machine.
 */
import type { ErrorInfo } from '../../errors.ts';
import type { Hints } from '../hints.ts';
import type { CodeHash } from '../keys/key.ts';
import type { Part, Plain } from '../stage.ts';
import type { Written } from '../store/record.ts';

/** An input as a worker sees it: a kind and a path. */
export interface TaskInput {
  readonly kind: string;
  readonly path: string;
  readonly hash: string;
  /** On disk, with the files of a folder; absent for a file outside the store. */
  readonly bytes?: number;
  /** Where links in a folder outside the store lead to: what lies there is read as well. */
  readonly links?: readonly string[];
}

export type TaskInputs = Readonly<Record<string, TaskInput | readonly TaskInput[]>>;

/** The portion of a target's work that a task does. */
export type TaskPortion =
  | { readonly role: 'whole' }
  | { readonly role: 'plan'; readonly round: number }
  | { readonly role: 'part'; readonly round: number; readonly part: Plain };

/** What the parts of each round wrote: round → part → slot. */
export type PartOutputs = readonly (readonly Readonly<Record<string, TaskInput>>[])[];

/** Paths that an action may read, as plain data. All are absolute. */
export interface ReadableFiles {
  /** Modules that the action's own code consists of. */
  readonly code: readonly string[];
  /** Files and folders that count as a whole: inputs, packages, folders of assets. */
  readonly whole: readonly string[];
  /** Missing files that the code names. */
  readonly absent: readonly string[];
}

export interface Task {
  /** For messages. */
  readonly target: string;
  /** The stage's name. */
  readonly stage: string;
  /** The stage's file. */
  readonly module: string;
  /** What names of packages mean in it: `imports` of the stage. */
  readonly imports?: Readonly<Record<string, string>>;
  /** Of the code of stage and instance. */
  readonly identity: CodeHash;
  readonly instance: string;
  /**
   * What the stage's `inputs` read of the config: the kinds of the inputs are found with it. `run` never sees it, and the
   * rest of the config does not leave the main thread.
   */
  readonly wiring: unknown;
  readonly params: Plain;
  readonly seed: number | null;
  readonly inputs: TaskInputs;
  /** The slots of all inputs of the target, also of those that this portion is not given. */
  readonly slots: readonly string[];
  /** Files with code of the instance. */
  readonly code: readonly string[];
  readonly rounds: PartOutputs;
  readonly portion: TaskPortion;
  /** Outputs of the whole that may be left unwritten. */
  readonly optional: readonly string[];
  /** A folder for the outputs. */
  readonly scratch: string;
  /** Threads for parallel regions. */
  readonly threads: number;
  /** Whether the stage may start threads. */
  readonly mayStartThreads: boolean;
  /** Files that code of the user's may read; absent for code that comes with the program, which is not watched. */
  readonly readable?: ReadableFiles;
  /** The host's words for hints: a worker that is no thread of the run's process knows none. */
  readonly hints?: Hints;
}

/** To a task under way: its `Context.signal` is to be aborted. */
export interface AbortRequest {
  readonly type: 'abort';
}

/** What a task tells while it is under way. */
export type TaskEvent =
  | { readonly type: 'progress'; readonly done: number; readonly total: number; readonly note?: string }
  /** A line that its code printed. */
  | { readonly type: 'output'; readonly text: string }
  /** An error of code whose action had ended before; `target` is that of that action. */
  | { readonly type: 'late-error'; readonly target: string; readonly error: ErrorInfo };

export type TaskResult = {
  /** What the heap and the buffers of a thread held when the task was over, in bytes; less than all that it took. */
  readonly heldBytes?: number;
} & (
  | {
      readonly ok: true;
      readonly written: Readonly<Record<string, Written>>;
      readonly parts?: readonly Part[];
    }
  /** `isStray`: no code waited for the error, and the rest of the code may go on. */
  | { readonly ok: false; readonly error: ErrorInfo; readonly isStray?: boolean }
);
