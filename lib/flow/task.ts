/** What the main thread and a worker say to each other: plain data, no more. */
import type { MessagePort } from 'node:worker_threads';
import type { ErrorInfo } from '../errors.ts';
import type { CodeHash } from './key.ts';
import type { ShareRequest } from './sharing.ts';
import type { Part, Plain } from './stage.ts';
import type { Written } from './store.ts';

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
  /** The stage's file. */
  readonly module: string;
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
}

/** A task as a thread gets it. */
export interface PortTask extends Task {
  readonly port: MessagePort;
}

export type TaskMessage =
  /** Which thread has taken the task. */
  | { readonly type: 'thread'; readonly id: number }
  | { readonly type: 'progress'; readonly done: number; readonly total: number; readonly note?: string }
  | ShareRequest;

export type TaskResult =
  | {
      readonly ok: true;
      readonly written: Readonly<Record<string, Written>>;
      readonly parts?: readonly Part[];
    }
  | { readonly ok: false; readonly error: ErrorInfo };
