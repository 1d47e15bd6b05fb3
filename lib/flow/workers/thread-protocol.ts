/** Messages between the main thread and a worker thread. */
import type { MessagePort } from 'node:worker_threads';
import type { ErrorInfo } from '../../errors.ts';
import type { ShareRequest } from './shared-values.ts';
import type { Task, TaskEvent } from './task.ts';

/** Task for a worker thread, with its message port. */
export interface ThreadTask extends Task {
  readonly port: MessagePort;
  /** Mark of the processes that the task starts; see child-processes.ts. */
  readonly mark: string;
}

export type ThreadMessage =
  | TaskEvent
  | ShareRequest
  /** The thread that has taken the task; `system` is its system id, if known. */
  | { readonly type: 'thread'; readonly id: number; readonly system?: number }
  /** A thread of a parallel region, by its system id. */
  | { readonly type: 'parallel-thread'; readonly system: number }
  /** End of a task that was told to stop, or that failed in a way after which some of its code may still run. */
  | { readonly type: 'over'; readonly error?: ErrorInfo };
