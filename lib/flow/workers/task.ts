/** What the main thread and a worker say to each other: plain data, no more. */

import type { MessagePort } from 'node:worker_threads';
import type { ErrorInfo } from '../../errors.ts';
import type { Hints } from '../hints.ts';
import type { CodeHash } from '../keys/key.ts';
import type { Part, Plain } from '../stage.ts';
import type { Written } from '../store/record.ts';
import type { ShareRequest } from './shared-values.ts';

/** An input as a worker sees it: a kind and a path. */
export interface TaskInput {
  readonly kind: string;
  readonly path: string;
  readonly hash: string;
  /** On disk, with the files of a folder; absent for a file outside the store. */
  readonly bytes?: number;
}

export type TaskInputs = Readonly<Record<string, TaskInput | readonly TaskInput[]>>;

export interface Task {
  /** For messages. */
  readonly target: string;
  /** The stage's file. */
  readonly module: string;
  /** What names of packages mean in it: `imports` of the stage. */
  readonly imports?: Readonly<Record<string, string>>;
  /** Of the code of stage and instance. */
  readonly identity: CodeHash;
  readonly config: unknown;
  readonly instance: string;
  readonly params: Plain;
  readonly seed: number | null;
  readonly inputs: TaskInputs;
  /** Files with code of the instance. */
  readonly code: readonly string[];
  /** Outputs of the parts of earlier rounds: round → part → slot. */
  readonly rounds: readonly (readonly Readonly<Record<string, TaskInput>>[])[];
  readonly share:
    | { readonly role: 'whole' }
    | { readonly role: 'plan'; readonly round: number }
    | { readonly role: 'part'; readonly round: number; readonly part: Plain };
  /** Outputs of the whole that may be left unwritten. */
  readonly optional: readonly string[];
  /** A folder for the outputs. */
  readonly scratch: string;
  /** Threads for a crew. */
  readonly threads: number;
  /** The host's words for hints: for a process, which knows none; threads have them from the process. */
  readonly hints?: Hints;
}

/** A task as a thread gets it. */
export interface PortTask extends Task {
  readonly port: MessagePort;
  /** Marks the processes that it starts: see child-processes.ts. */
  readonly mark: string;
}

/** To a task under way: its `Context.signal` is to be aborted. */
export interface AbortRequest {
  readonly type: 'abort';
}

export type TaskMessage =
  /** Which thread has taken the task; `system` is its number for the system, where that is known. */
  | { readonly type: 'thread'; readonly id: number; readonly system?: number }
  /** A thread of its crew, by its number for the system. */
  | { readonly type: 'crew-thread'; readonly system: number }
  /** The task was told to end, and did; or it failed in a way after which some of its code may still run. */
  | { readonly type: 'over'; readonly error?: ErrorInfo }
  /** What its code printed. */
  | { readonly type: 'output'; readonly text: string }
  /** An error of code whose action had ended before. */
  | { readonly type: 'late-error'; readonly target: string; readonly error: ErrorInfo }
  | { readonly type: 'progress'; readonly done: number; readonly total: number; readonly note?: string }
  | ShareRequest;

export type TaskResult = {
  /** What the heap and the buffers of a thread held when the task was over, in bytes; less than all that it took. */
  readonly heldBytes?: number;
} & (
  | {
      readonly ok: true;
      readonly written: Readonly<Record<string, Written>>;
      readonly parts?: readonly Part[];
    }
  /** `isStray`: nobody waited for the error, and the rest of the code may go on. */
  | { readonly ok: false; readonly error: ErrorInfo; readonly isStray?: boolean }
);
