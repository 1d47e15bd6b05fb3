/**
 * The worker threads. One task runs in one thread; a task that is ended, or that ends its thread, takes the thread
 * with it, and the pool goes on with a new one.
 */
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';
import { RankloomError } from '../errors.ts';
import { type ActionLimits, tookTooMuch, watchLimits } from './limits.ts';
import type { PortTask, Task, TaskMessage, TaskResult } from './task.ts';

export interface TaskRun {
  readonly result: TaskResult;
  readonly durationMs: number;
  /** The largest resident memory while the task ran, in bytes: of the process that it ran in, threads and all. */
  readonly peakRssBytes: number;
}

export interface TaskWatch {
  onMessage(message: Exclude<TaskMessage, { type: 'thread' }>, port: MessagePort): void;
  /** The task is over, however it ended. */
  onEnd(port: MessagePort): void;
  /** Ends the task. */
  readonly signal: AbortSignal;
  readonly limits: ActionLimits;
  /** For messages. */
  readonly stage: string;
  /** Whether the stage may start threads of its own. */
  readonly needsThreads: boolean;
  /** What the task's code is made of, for pools that grant rights. */
  code(): TaskCode;
}

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

export class WorkerPool implements Pool {
  readonly #workers: number;
  readonly #heapBytes: number | undefined;
  #pool: import('piscina').Piscina | undefined;
  readonly #peaks = new Set<{ bytes: number }>();
  #sampler: NodeJS.Timeout | undefined;

  /** @param heapBytes the most that the JavaScript heap of a thread may grow to, in bytes; default: V8's own */
  constructor(workers: number, heapBytes?: number) {
    this.#workers = workers;
    this.#heapBytes = heapBytes;
  }

  async run(task: Task, { onMessage, onEnd, signal, limits }: TaskWatch): Promise<TaskRun> {
    this.#pool ??= await createPool(this.#workers, this.#heapBytes);
    const { port1, port2 } = new MessageChannel();
    let thread: Worker | undefined;
    port1.on('message', (message: TaskMessage) => {
      if (message.type === 'thread') thread = this.#pool?.threads.find((t) => t.threadId === message.id);
      else onMessage(message, port1);
    });
    const over = new AbortController();
    const stopWatching = watchLimits(
      limits,
      () => memoryOf(thread),
      (error) => over.abort(error),
    );
    const peak = this.#watch();
    const start = performance.now();
    try {
      const result: TaskResult = await this.#pool.run({ ...task, port: port2 } satisfies PortTask, {
        transferList: [port2],
        signal: AbortSignal.any([signal, over.signal]),
      });
      return { result, durationMs: performance.now() - start, peakRssBytes: peak.bytes };
    } catch (error) {
      if (signal.aborted) throw new RankloomError('interrupted', 'interrupted', { cause: error });
      if (over.signal.aborted) throw over.signal.reason;
      throw threadDied(error, limits);
    } finally {
      stopWatching();
      onEnd(port1);
      port1.close();
      this.#unwatch(peak);
    }
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
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

function threadDied(error: unknown, { memoryBytes }: ActionLimits): RankloomError {
  const code = (error as NodeJS.ErrnoException).code;
  const message = error instanceof Error ? error.message : String(error);
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    if (memoryBytes !== undefined) return tookTooMuch(undefined, memoryBytes);
    return new RankloomError('limit', 'the worker ran out of JavaScript memory', {
      hint: 'give it more with NODE_OPTIONS=--max-old-space-size=8192, or use fewer cells',
      cause: error,
    });
  }
  return new RankloomError('internal', `the worker died: ${message}`, { cause: error });
}
