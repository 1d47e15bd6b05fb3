/**
 * The worker threads. One task runs in one thread; a task that is killed takes its thread with it, and the
 * pool goes on with a new one.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { RankloomError } from '../errors.ts';
import type { Task, TaskMessage, TaskResult } from './task.ts';

export interface TaskRun {
  readonly result: TaskResult;
  readonly durationMs: number;
  /** The largest resident memory of the whole process while the task ran, in bytes. */
  readonly peakRssBytes: number;
}

const SAMPLE_MS = 50;

export class WorkerPool {
  readonly #workers: number;
  #pool: import('piscina').Piscina | undefined;
  readonly #peaks = new Set<{ bytes: number }>();
  #sampler: NodeJS.Timeout | undefined;

  constructor(workers: number) {
    this.#workers = workers;
  }

  /** Runs a task to its end. Rejects only if the thread dies or the signal kills it. */
  async run(
    task: Omit<Task, 'port'>,
    onMessage: (message: TaskMessage, port: MessagePort) => void,
    onEnd: (port: MessagePort) => void,
    signal: AbortSignal,
  ): Promise<TaskRun> {
    this.#pool ??= await createPool(this.#workers);
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (message: TaskMessage) => onMessage(message, port1));
    const peak = this.#watch();
    const start = performance.now();
    try {
      const result: TaskResult = await this.#pool.run(
        { ...task, port: port2 },
        { transferList: [port2], signal },
      );
      return { result, durationMs: performance.now() - start, peakRssBytes: peak.bytes };
    } catch (error) {
      if (signal.aborted) throw new RankloomError('interrupted', 'interrupted', { cause: error });
      throw threadDied(error);
    } finally {
      onEnd(port1);
      port1.close();
      this.#unwatch(peak);
    }
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
  }

  #watch(): { bytes: number } {
    const peak = { bytes: process.memoryUsage.rss() };
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

  #sample(): void {
    const rss = process.memoryUsage.rss();
    for (const peak of this.#peaks) if (rss > peak.bytes) peak.bytes = rss;
  }
}

async function createPool(workers: number): Promise<import('piscina').Piscina> {
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename: new URL('./worker.ts', import.meta.url).href,
    minThreads: 1,
    maxThreads: workers,
    idleTimeout: Number.POSITIVE_INFINITY,
    concurrentTasksPerWorker: 1,
  });
}

function threadDied(error: unknown): RankloomError {
  const code = (error as NodeJS.ErrnoException).code;
  const message = error instanceof Error ? error.message : String(error);
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new RankloomError('internal', 'the worker ran out of JavaScript memory', {
      hint: 'give it more with NODE_OPTIONS=--max-old-space-size=8192, or use fewer cells',
      cause: error,
    });
  }
  return new RankloomError('internal', `the worker died: ${message}`, { cause: error });
}
