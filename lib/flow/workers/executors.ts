/** The executors, by name: another one is a file and a line here. */
import type { MakeExecutor } from './executor.ts';
import { ProcessExecutor } from './process-executor.ts';
import { ThreadExecutor } from './thread-executor.ts';

export const executors = {
  /** Threads of this process. */
  thread: (options) => new ThreadExecutor(options),
  /** A process for each task, which may read nothing but the task's inputs and code: hermetic. */
  process: () => new ProcessExecutor(),
} satisfies Record<string, MakeExecutor>;
