/**
 * Task of a worker for one action, and its result. Both are plain data that can be written as JSON, because a worker may be a
 * thread, a process, or a process on another machine.
 */
import type { ErrorInfo } from '../../errors.ts';
import type { Hints } from '../hints.ts';
import type { CodeHash } from '../keys/key.ts';
import type { Part, Plain } from '../stage.ts';
import type { Written } from '../store/record.ts';

/** Input of a task: a kind and a path. */
export interface TaskInput {
  readonly kind: string;
  readonly path: string;
  readonly hash: string;
  /** Bytes on disk, including the files of a folder; absent for a file outside the store. */
  readonly bytes?: number;
  /** Real paths of link targets in a folder outside the store, which may be read too. */
  readonly links?: readonly string[];
}

export type TaskInputs = Readonly<Record<string, TaskInput | readonly TaskInput[]>>;

/** Portion of a target's work that a task does. */
export type TaskPortion =
  | { readonly role: 'whole' }
  | { readonly role: 'plan'; readonly round: number }
  | { readonly role: 'part'; readonly round: number; readonly part: Plain };

/** Outputs of the parts of each round: round → part → slot. */
export type PartOutputs = readonly (readonly Readonly<Record<string, TaskInput>>[])[];

/** Paths that an action may read, as plain data. */
export interface ReadableFiles {
  /** Modules that the action's own code consists of. */
  readonly code: readonly string[];
  /** Files and folders that count as a whole: inputs, packages, folders of assets. */
  readonly whole: readonly string[];
  /** Missing files that the code names. */
  readonly absent: readonly string[];
}

export interface Task {
  /** Id of the target, for messages. */
  readonly target: string;
  /** Name of the stage. */
  readonly stage: string;
  /** URL of the stage's file. */
  readonly module: string;
  /** Package names with overridden resolution: `imports` of the stage. */
  readonly imports?: Readonly<Record<string, string>>;
  /** Hash of the code of stage and instance. */
  readonly identity: CodeHash;
  readonly instance: string;
  /**
   * Excerpt of the config that the stage's `inputs` reads, to determine the kinds of the inputs. `run` never sees it, and the
   * rest of the config does not leave the main thread.
   */
  readonly wiring: unknown;
  readonly params: Plain;
  readonly seed: number | null;
  readonly inputs: TaskInputs;
  /** Slots of all inputs of the target, including those that this portion does not get. */
  readonly slots: readonly string[];
  /** Code files of the instance. */
  readonly code: readonly string[];
  readonly rounds: PartOutputs;
  readonly portion: TaskPortion;
  /** Outputs of the whole target that may be left unwritten. */
  readonly optional: readonly string[];
  /** Folder for the outputs. */
  readonly scratch: string;
  /** Number of threads for parallel regions. */
  readonly threads: number;
  /** Whether the stage may start threads. */
  readonly mayStartThreads: boolean;
  /** Files that code of the user's may read; absent for code that comes with the program, which is not watched. */
  readonly readable?: ReadableFiles;
  /** Hints of the host, for a worker that is not a thread of the run's process. */
  readonly hints?: Hints;
}

/** Message to a running task: abort its `Context.signal`. */
export interface AbortRequest {
  readonly type: 'abort';
}

/** Event of a running task. */
export type TaskEvent =
  | { readonly type: 'progress'; readonly done: number; readonly total: number; readonly note?: string }
  /** A line printed by its code. */
  | { readonly type: 'output'; readonly text: string }
  /** An error of code whose action had already ended; `target` is the target of that action. */
  | { readonly type: 'late-error'; readonly target: string; readonly error: ErrorInfo };

export type TaskResult = {
  /** Bytes in the heap and buffers of a thread when the task ended; only part of the memory that the task used. */
  readonly heldBytes?: number;
} & (
  | {
      readonly ok: true;
      readonly written: Readonly<Record<string, Written>>;
      readonly parts?: readonly Part[];
    }
  /** Failure. `isStray`: no code awaited the error, and the rest of the code may still be running. */
  | { readonly ok: false; readonly error: ErrorInfo; readonly isStray?: boolean }
);

/** All inputs of a task: those of its slots, and outputs of the parts of earlier rounds. */
export const inputsOfTask = ({ inputs, rounds }: Task): TaskInput[] => [
  ...Object.values(inputs).flat(),
  ...rounds.flat().flatMap((part) => Object.values(part)),
];
