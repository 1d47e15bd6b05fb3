/** Entry point of a worker thread: runs one task after the other for the thread executor. */
import { threadId } from 'node:worker_threads';
import { collectIfGrown } from '../../shared-memory.ts';
import { ACTION_VARIABLE } from '../fixed-names.ts';
import { systemThread } from '../processes/child-processes.ts';
import { blame, ownCode } from './blame.ts';
import { guardProcess } from './guards.ts';
import { perform } from './perform.ts';
import type { AbortRequest, TaskResult } from './task.ts';
import type { ThreadMessage, ThreadTask } from './thread-protocol.ts';
import { threadCache } from './worker-cache.ts';

export default async function runTask(task: ThreadTask): Promise<TaskResult> {
  const say = (message: ThreadMessage) => task.port.postMessage(message);
  say({ type: 'thread', id: threadId, system: systemThread() });
  process.env[ACTION_VARIABLE] = task.mark;
  const abort = new AbortController();
  task.port.on('message', ({ type }: Partial<AbortRequest>) => type === 'abort' && abort.abort());
  guardProcess((error) => say({ type: 'over', error: blame(error, ownCode(task)) }));
  try {
    const result = await perform(task, {
      onEvent: say,
      onThread: (system) => say({ type: 'parallel-thread', system }),
      cache: threadCache(task),
      signal: abort.signal,
    });
    if (!abort.signal.aborted && (result.ok || result.isStray !== true))
      return { ...result, heldBytes: collectIfGrown() };
    // Code of this action may still be running: the executor terminates the thread, and no other action may run in it.
    say({ type: 'over', error: result.ok ? undefined : result.error });
    return await new Promise<never>(() => {});
  } finally {
    task.port.close();
  }
}
