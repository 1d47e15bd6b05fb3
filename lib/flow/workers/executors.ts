/** Registry of executors by name; a new executor is a file and a line here. */
import type { MakeExecutor } from './executor.ts';
import { ProcessExecutor } from './process-executor.ts';
import { ThreadExecutor } from './thread-executor.ts';

export const executors = {
  /** Threads of this process. */
  thread: (options) => new ThreadExecutor(options),
  /** One process per task, which may read only the task's inputs and code (hermetic). */
  process: () => new ProcessExecutor(),
} satisfies Record<string, MakeExecutor>;
