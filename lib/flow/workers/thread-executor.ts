/**
 * Executor that runs tasks in threads of this process, one task per thread. If a task is stopped or ends its thread, the
 * thread is terminated and the pool replaces it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { fromErrorInfo, nameOf, never, OperationalError, toErrorInfo } from '../../errors.ts';
import { endProcesses, newMark, startedBy } from '../processes/child-processes.ts';
import { noteDoubt } from '../processes/stuck-threads.ts';
import { blameInfo, ownCode } from './blame.ts';
import {
  type Executor,
  type ExecutorOptions,
  GRACE_MS,
  passOn,
  type TaskOptions,
  type TaskRun,
} from './executor.ts';
import { readableFiles } from './known-files.ts';
import { type ActionLimits, tookTooMuch, watchLimits } from './limits.ts';
import { PeakMemory } from './peak-memory.ts';
import { SharedValues } from './shared-values.ts';
import type { AbortRequest, Task, TaskResult } from './task.ts';
import type { ThreadMessage, ThreadTask } from './thread-protocol.ts';

/** Milliseconds in which a terminated thread ends, unless it is blocked in a system call. */
const GONE_MS = 1_500;
const AGAIN_MS = 100;

type Pool = import('piscina').Piscina;

export class ThreadExecutor implements Executor {
  readonly overheadBytes = 0;
  readonly #options: ExecutorOptions;
  #creation: Promise<Pool> | undefined;
  /** Prefix of the marks of child processes started by actions. */
  readonly #mark = newMark();
  #tasks = 0;
  readonly #shared = new SharedValues();
  readonly #memory = new PeakMemory();

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  async run(task: Task, options: TaskOptions): Promise<TaskRun> {
    const { signal, giveWay, limits } = options;
    this.#creation ??= createPool(this.#options);
    const pool = await this.#creation;
    const { port1, port2 } = new MessageChannel();
    const mark = `${this.#mark}.${++this.#tasks}.`;
    let thread: Worker | undefined;
    const systemThreads: number[] = [];
    /** Aborting it terminates the thread; the task then rejects with `reason`. */
    const over = new AbortController();
    let reason: OperationalError | undefined;
    const end = async (error: OperationalError, graceMs: number) => {
      if (reason !== undefined) return;
      reason = error;
      port1.postMessage({ type: 'abort' } satisfies AbortRequest);
      if (graceMs > 0 && thread !== undefined) {
        await sleep(graceMs, undefined, { signal: over.signal }).catch(() => {});
        // First end the child processes that the thread waits for: while it lives, it can still reap them.
        if (!over.signal.aborted) await endProcesses(startedBy(mark, systemThreads));
      }
      over.abort();
    };
    const hear = (message: ThreadMessage) => {
      switch (message.type) {
        case 'thread':
          thread = pool.threads.find((t) => t.threadId === message.id);
          if (message.system !== undefined) systemThreads.push(message.system);
          return;
        case 'parallel-thread':
          systemThreads.push(message.system);
          return;
        case 'over':
          if (message.error !== undefined) reason ??= fromErrorInfo(message.error);
          over.abort();
          return;
        case 'progress':
        case 'output':
        case 'late-error':
          return passOn(message, options);
        case 'share':
        case 'shared':
        case 'not-shared':
        case 'let-go':
          return this.#shared.handle(task.target, message, port1);
        default:
          never(message);
      }
    };
    port1.on('message', hear);
    /** Handles the last messages: they come by another channel than the result and may still be queued. */
    const hearLast = () => {
      for (let last = receiveMessageOnPort(port1); last !== undefined; last = receiveMessageOnPort(port1)) {
        hear(last.message);
      }
    };
    const stopWatching = watchLimits(
      limits,
      () => memoryOf(thread),
      (error, isUrgent) => void end(error, isUrgent ? 0 : GRACE_MS),
    );
    const onKill = () => void end(new OperationalError('interrupted', 'interrupted'), GRACE_MS);
    const onGiveWay = () => void end(new OperationalError('interrupted', 'interrupted'), 0);
    signal.addEventListener('abort', onKill, { once: true });
    giveWay?.addEventListener('abort', onGiveWay, { once: true });
    if (giveWay?.aborted) onGiveWay();
    if (signal.aborted) onKill();
    const isOwn = ownCode(task).length > 0;
    if (isOwn) noteDoubt();
    const readable = isOwn ? readableFiles(task, options.code) : undefined;
    const peak = this.#memory.begin();
    const start = performance.now();
    try {
      const result: TaskResult = await pool.run(
        { ...task, readable, port: port2, mark } satisfies ThreadTask,
        {
          transferList: [port2],
          signal: over.signal,
        },
      );
      hearLast();
      if (reason !== undefined) throw reason;
      return { result, durationMs: performance.now() - start, peakRssBytes: peak.bytes };
    } catch (error) {
      hearLast();
      if (thread !== undefined) await this.#endThread(thread, mark, systemThreads);
      throw reason ?? threadDied(error, limits, ownCode(task));
    } finally {
      stopWatching();
      signal.removeEventListener('abort', onKill);
      giveWay?.removeEventListener('abort', onGiveWay);
      this.#shared.leave(task.target, port1);
      port1.close();
      this.#memory.end(peak);
    }
  }

  /** Terminates a thread, and repeatedly ends the child processes of its action, which may keep starting new ones. */
  async #endThread(thread: Worker, mark: string, systemThreads: readonly number[]): Promise<void> {
    noteDoubt();
    let isGone = false;
    const gone = thread.terminate().then(() => {
      isGone = true;
    });
    const until = performance.now() + GONE_MS;
    do {
      await endProcesses(startedBy(mark, systemThreads));
      await Promise.race([gone, sleep(AGAIN_MS, undefined, { ref: false })]);
    } while (!isGone && performance.now() < until);
  }

  /** Terminates all threads, and the processes that actions left behind. */
  async close(): Promise<void> {
    const pool = await this.#creation;
    if (pool === undefined) return;
    await endProcesses(startedBy(this.#mark));
    const late = new AbortController();
    await Promise.race([pool.destroy(), sleep(GONE_MS, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
  }

  endTarget(target: string): void {
    this.#shared.drop(target);
  }

  residentBytes(): number {
    return this.#memory.residentBytes();
  }

  async relieve(): Promise<void> {
    const creation = this.#creation;
    this.#creation = undefined;
    await (await creation)?.destroy();
    this.#memory.invalidate();
  }
}

/** Maximum young generation of a thread, in MB. V8's default is four times as much, without benefit for work on long arrays. */
const YOUNG_MB = 24;

async function createPool({ workers, heapBytes }: ExecutorOptions): Promise<Pool> {
  const { Piscina } = await import('piscina');
  const maxOldGenerationSizeMb = heapBytes === undefined ? undefined : Math.ceil(heapBytes / 2 ** 20);
  const pool = new Piscina({
    filename: new URL('./thread-worker.ts', import.meta.url).href,
    minThreads: 1,
    maxThreads: workers,
    idleTimeout: Number.POSITIVE_INFINITY,
    concurrentTasksPerWorker: 1,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB, maxOldGenerationSizeMb },
  });
  // Ignore threads that die without a task: one that exceeded a limit and is being terminated, or that left something
  // running when its task was done. No action is affected, and the pool replaces the thread.
  pool.on('error', () => {});
  return pool;
}

/**
 * Memory of a thread in bytes: its JavaScript heap and buffers. Excludes WebAssembly memories and shared memory, which belong
 * to the whole process. Undefined if the thread is ending.
 */
async function memoryOf(thread: Worker | undefined): Promise<number | undefined> {
  try {
    const heap = await thread?.getHeapStatistics();
    return heap === undefined ? undefined : heap.used_heap_size + heap.external_memory;
  } catch {
    return undefined; // it is ending
  }
}

function threadDied(error: unknown, { memoryBytes }: ActionLimits, own: readonly string[]): OperationalError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    if (memoryBytes !== undefined) return tookTooMuch(undefined, memoryBytes);
    return new OperationalError('limit', 'the worker ran out of JavaScript memory', {
      hint: 'give it more with NODE_OPTIONS=--max-old-space-size=8192, or use fewer cells',
      cause: error,
    });
  }
  const info = toErrorInfo(error);
  return fromErrorInfo(
    blameInfo({ ...info, message: `the worker died: ${info.message}` }, own, nameOf(error)),
  );
}
