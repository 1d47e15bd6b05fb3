/**
 * Tasks in threads of this process. One task runs in one thread; a task that is ended, or that ends its thread, takes the
 * thread with it, and the pool goes on with a new one.
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

/** In which a thread that was ended is gone, unless it waits inside the system. */
const GONE_MS = 1_500;
const AGAIN_MS = 100;

type Pool = import('piscina').Piscina;

export class ThreadExecutor implements Executor {
  readonly overheadBytes = 0;
  readonly #options: ExecutorOptions;
  /** A promise, so that tasks that begin at once share one pool. */
  #creation: Promise<Pool> | undefined;
  /** On the processes that actions start. */
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
    /** Ends the thread; its reason is what the task rejects with. */
    const over = new AbortController();
    let reason: OperationalError | undefined;
    const end = async (error: OperationalError, graceMs: number) => {
      if (reason !== undefined) return;
      reason = error;
      port1.postMessage({ type: 'abort' } satisfies AbortRequest);
      if (graceMs > 0 && thread !== undefined) {
        await sleep(graceMs, undefined, { signal: over.signal }).catch(() => {});
        // First the processes that it waits for: while its thread lives, it also takes note of their end.
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
    /** Result and messages come by different ways: what it said last may still be on its way. */
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
    const readable = isOwn ? readableFiles(task, options.code()) : undefined;
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

  /** Ends a thread that ends or has ended, and the processes that its action started and may go on starting. */
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

  /** Ends all threads, and the processes that actions left behind. */
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

/** Of a thread's young objects. V8 takes four times as much if it may, and work on long arrays gains nothing by it. */
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
  // A thread that dies without a task: one that was over a limit and is being ended, or that left something running
  // when its task was done. No action is concerned, and the pool replaces the thread.
  pool.on('error', () => {});
  return pool;
}

/**
 * What a thread holds: its JavaScript heap and its buffers. Not its WebAssembly memories and what it shares with
 * others, which belong to the whole process.
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
