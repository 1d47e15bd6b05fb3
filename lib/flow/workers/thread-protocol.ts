/** What the main thread and a worker thread say to each other. */
import type { MessagePort } from 'node:worker_threads';
import type { ErrorInfo } from '../../errors.ts';
import type { ShareRequest } from './shared-values.ts';
import type { Task, TaskEvent } from './task.ts';

/** A task as a thread gets it. */
export interface ThreadTask extends Task {
  readonly port: MessagePort;
  /** Marks the processes that it starts: see child-processes.ts. */
  readonly mark: string;
}

export type ThreadMessage =
  | TaskEvent
  | ShareRequest
  /** Which thread has taken the task; `system` is its number for the system, where that is known. */
  | { readonly type: 'thread'; readonly id: number; readonly system?: number }
  /** A thread of a parallel region, by its number for the system. */
  | { readonly type: 'parallel-thread'; readonly system: number }
  /** The task was told to end, and did; or it failed in a way after which some of its code may still run. */
  | { readonly type: 'over'; readonly error?: ErrorInfo };
