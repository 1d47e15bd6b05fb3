/**
 * The worker threads. One task runs in one thread; a task that is ended, or that ends its thread, takes the thread
 * with it, and the pool goes on with a new one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { fromErrorInfo, nameOf, RankloomError, toErrorInfo } from '../../errors.ts';
import { endProcesses, newMark, startedBy } from '../processes/child-processes.ts';
import { noteDoubt } from '../processes/stuck-threads.ts';
import { blameInfo, ownCode } from './blame.ts';
import { type ActionLimits, tookTooMuch, watchLimits } from './limits.ts';
import type { AbortRequest, PortTask, Task, TaskMessage, TaskResult } from './task.ts';

export interface TaskRun {
  readonly result: TaskResult;
  readonly durationMs: number;
  /** The largest resident memory while the task ran, in bytes: of the process that it ran in, threads and all. */
  readonly peakRssBytes: number;
}

export interface TaskWatch {
  onMessage(message: Exclude<TaskMessage, PoolMessage>, port: MessagePort): void;
  /** The task is over, however it ended. */
  onEnd(port: MessagePort): void;
  /** Ends the task: first its own signal is aborted, so that it may put things away. */
  readonly signal: AbortSignal;
  /** Ends it at once: memory is short. */
  readonly giveWay?: AbortSignal;
  readonly limits: ActionLimits;
  /** For messages. */
  readonly stage: string;
  /** Whether the stage may start threads of its own. */
  readonly needsThreads: boolean;
  /** What the task's code is made of, for pools that grant rights. */
  code(): TaskCode;
}

/** Messages for the pool itself. */
type PoolMessage = { type: 'thread' | 'crew-thread' | 'over' };

/** What the code of a task is made of, and what it may use; all paths are absolute and without links. */
export interface TaskCode {
  readonly files: readonly string[];
  /** Packages and other folders that count as a whole. */
  readonly folders: readonly string[];
  /** What the code names and is not there. */
  readonly absent: readonly string[];
  /** Variables of the environment. */
  readonly variables: readonly string[];
}

/** Where tasks run: threads, or processes (process-pool.ts). */
export interface Pool {
  /** Runs a task to its end. Rejects if what it ran in died, was over a limit or was ended by the signal. */
  run(task: Task, watch: TaskWatch): Promise<TaskRun>;
  /** Resident memory of all that the run holds: of this process, and of those that it started. */
  residentBytes(): number;
  /** Gives back what idle threads hold. Only to be called while no task runs. */
  relieve(): Promise<void>;
  close(): Promise<void>;
}

const SAMPLE_MS = 50;
/** From the abort of its signal to the end of an action's thread or process: time to put things away. */
export const GRACE_MS = 500;
/** In which a thread that was ended is gone, unless it waits inside the system. */
const GONE_MS = 1_500;
const AGAIN_MS = 100;

export class WorkerPool implements Pool {
  readonly #workers: number;
  readonly #heapBytes: number | undefined;
  #pool: import('piscina').Piscina | undefined;
  /** On the processes that actions start. */
  readonly #mark = newMark();
  #tasks = 0;
  readonly #peaks = new Set<{ bytes: number }>();
  #sampler: NodeJS.Timeout | undefined;

  /** @param heapBytes the most that the JavaScript heap of a thread may grow to, in bytes; default: V8's own */
  constructor(workers: number, heapBytes?: number) {
    this.#workers = workers;
    this.#heapBytes = heapBytes;
  }

  async run(task: Task, { onMessage, onEnd, signal, giveWay, limits }: TaskWatch): Promise<TaskRun> {
    this.#pool ??= await createPool(this.#workers, this.#heapBytes);
    const { port1, port2 } = new MessageChannel();
    const mark = `${this.#mark}.${++this.#tasks}.`;
    let thread: Worker | undefined;
    const systemThreads: number[] = [];
    /** Ends the thread; its reason is what the task rejects with. */
    const over = new AbortController();
    let reason: RankloomError | undefined;
    const end = async (error: RankloomError, graceMs: number) => {
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
    const hear = (message: TaskMessage) => {
      switch (message.type) {
        case 'thread':
          thread = this.#pool?.threads.find((t) => t.threadId === message.id);
          if (message.system !== undefined) systemThreads.push(message.system);
          return;
        case 'crew-thread':
          systemThreads.push(message.system);
          return;
        case 'over':
          if (message.error !== undefined) reason ??= fromErrorInfo(message.error);
          over.abort();
          return;
        default:
          onMessage(message, port1);
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
    const onKill = () => void end(new RankloomError('interrupted', 'interrupted'), GRACE_MS);
    const onGiveWay = () => void end(new RankloomError('interrupted', 'interrupted'), 0);
    signal.addEventListener('abort', onKill, { once: true });
    giveWay?.addEventListener('abort', onGiveWay, { once: true });
    if (giveWay?.aborted) onGiveWay();
    if (signal.aborted) onKill();
    if (ownCode(task).length > 0) noteDoubt();
    const peak = this.#watch();
    const start = performance.now();
    try {
      const result: TaskResult = await this.#pool.run({ ...task, port: port2, mark } satisfies PortTask, {
        transferList: [port2],
        signal: over.signal,
      });
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
      onEnd(port1);
      port1.close();
      this.#unwatch(peak);
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
    const pool = this.#pool;
    if (pool === undefined) return;
    await endProcesses(startedBy(this.#mark));
    const late = new AbortController();
    await Promise.race([pool.destroy(), sleep(GONE_MS, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
  }

  residentBytes(): number {
    return this.#residentBytes();
  }

  async relieve(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.destroy();
    this.#resident.atMs = Number.NEGATIVE_INFINITY;
  }

  #watch(): { bytes: number } {
    const peak = { bytes: this.#residentBytes() };
    this.#peaks.add(peak);
    this.#sampler ??= setInterval(() => this.#sample(), SAMPLE_MS).unref();
    return peak;
  }

  #unwatch(peak: { bytes: number }): void {
    this.#sample();
    this.#peaks.delete(peak);
    if (this.#peaks.size === 0) {
      clearInterval(this.#sampler);
      this.#sampler = undefined;
    }
  }

  #resident = { bytes: 0, atMs: Number.NEGATIVE_INFINITY };

  /** Asking costs a tenth of a millisecond, so not for each of many small tasks. */
  #residentBytes(): number {
    const now = performance.now();
    if (now - this.#resident.atMs > SAMPLE_MS / 4) {
      this.#resident = { bytes: process.memoryUsage.rss(), atMs: now };
    }
    return this.#resident.bytes;
  }

  #sample(): void {
    const rss = this.#residentBytes();
    for (const peak of this.#peaks) if (rss > peak.bytes) peak.bytes = rss;
  }
}

/** Of a thread's young objects. V8 takes four times as much if it may, and work on long arrays gains nothing by it. */
const YOUNG_MB = 24;

async function createPool(workers: number, heapBytes?: number): Promise<import('piscina').Piscina> {
  const { Piscina } = await import('piscina');
  const maxOldGenerationSizeMb = heapBytes === undefined ? undefined : Math.ceil(heapBytes / 2 ** 20);
  const pool = new Piscina({
    filename: new URL('./worker.ts', import.meta.url).href,
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

function threadDied(error: unknown, { memoryBytes }: ActionLimits, own: readonly string[]): RankloomError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    if (memoryBytes !== undefined) return tookTooMuch(undefined, memoryBytes);
    return new RankloomError('limit', 'the worker ran out of JavaScript memory', {
      hint: 'give it more with NODE_OPTIONS=--max-old-space-size=8192, or use fewer cells',
      cause: error,
    });
  }
  const info = toErrorInfo(error);
  return fromErrorInfo(
    blameInfo({ ...info, message: `the worker died: ${info.message}` }, own, nameOf(error)),
  );
}
