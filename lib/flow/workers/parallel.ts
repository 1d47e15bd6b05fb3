/**
 * Parallel regions: several threads work on one action over shared memory, for work that cannot be split into independent
 * parts, such as the epochs of a layout. The output bytes must not depend on the number of threads.
 */
import { channel } from 'node:diagnostics_channel';
import { Worker } from 'node:worker_threads';
import type { Order, Report } from './parallel-work.ts';

/** Callback for messages of a working thread. An error that it throws ends the call. */
type OnMessage = (message: unknown, index: number) => void;

/**
 * Function that runs the default export of a module on several threads; see `Context.team` of a stage. `data` may be a
 * promise: the threads start, and import the module, while it is pending.
 */
export type Team = (module: string, data: unknown, onMessage?: (message: unknown) => void) => Promise<void>;

/**
 * Threads of an action's parallel regions. They start with the first call or earlier, and serve all calls, one after the
 * other, so that modules and kernels are loaded once. If a thread throws or dies, the call fails with its error and the other
 * threads are terminated, even if they are waiting; the next call gets new threads.
 */
export class ParallelThreads {
  readonly #count: number;
  readonly #onThread: (system: number) => void;
  #team: ThreadTeam | undefined;
  #isClosed = false;
  /** Settles when all calls so far have ended. */
  #calls: Promise<unknown> = Promise.resolve();

  /** @param onThread called with the system id of each thread, if known */
  constructor(count: number, onThread: (system: number) => void = () => {}) {
    this.#count = count;
    this.#onThread = onThread;
  }

  /** Starts the threads before the first call, if there is more than one. */
  start(): void {
    if (this.#count > 1) this.#living();
  }

  /** Runs one call. `data` is cloned, except shared buffers and memories, which stay shared. */
  readonly run = async (module: string, data: unknown, onMessage: OnMessage = () => {}): Promise<void> => {
    this.#living().order({ type: 'import', module });
    const ready = await data;
    const call = this.#calls.then(() => this.#living().work(module, ready, onMessage));
    this.#calls = call.catch(() => {});
    return call;
  };

  /** Terminates the threads, including a call in progress. No call may follow. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#team?.end();
  }

  #living(): ThreadTeam {
    if (this.#isClosed) throw new Error('Internal error: the team of an action that is over was called');
    if (this.#team === undefined || this.#team.isOver) {
      this.#team = new ThreadTeam(this.#count, this.#onThread);
    }
    return this.#team;
  }
}

/** Runs one parallel region on new threads. */
export async function runTeam(
  module: string,
  data: unknown,
  count: number,
  onMessage?: OnMessage,
): Promise<void> {
  const threads = new ParallelThreads(count);
  try {
    await threads.run(module, data, onMessage);
  } finally {
    await threads.close();
  }
}

interface Call {
  /** Number of threads that are not done. */
  left: number;
  readonly onMessage: OnMessage;
  done(): void;
  fail(error: unknown): void;
}

/** Threads that are started and terminated together. */
class ThreadTeam {
  isOver = false;
  #call: Call | undefined;
  readonly #threads: readonly Worker[];

  constructor(count: number, onThread: (system: number) => void) {
    this.#threads = Array.from({ length: count }, (_, index) => {
      const thread = new Worker(new URL('./parallel-worker.ts', import.meta.url), {
        workerData: { index, count },
      });
      thread.on('message', (report: Report) => {
        if (report.type === 'thread') onThread(report.system);
        else this.#hear(report, index);
      });
      thread.once('error', (error) => {
        passOnRefusal(error as Error);
        this.#fail(error);
      });
      thread.once('exit', (code) => this.#fail(new Error(`a team thread ended with ${code}`)));
      return thread;
    });
  }

  order(order: Order): void {
    for (const thread of this.#threads) thread.postMessage(order);
  }

  async work(module: string, data: unknown, onMessage: OnMessage): Promise<void> {
    try {
      await new Promise<void>((done, fail) => {
        this.#call = { left: this.#threads.length, onMessage, done, fail };
        this.order({ type: 'work', module, data });
      });
    } catch (error) {
      await this.end();
      throw error;
    } finally {
      this.#call = undefined;
    }
  }

  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #hear(report: Exclude<Report, { type: 'thread' }>, index: number): void {
    const call = this.#call;
    if (call === undefined) return;
    if (report.type === 'done') {
      if (--call.left === 0) call.done();
      return;
    }
    try {
      call.onMessage(report.message, index);
    } catch (error) {
      call.fail(error);
    }
  }

  #fail(error: unknown): void {
    this.isOver = true;
    this.#call?.fail(error);
  }
}

/** Publishes a permission error of a thread on the channel where its action's refusals are collected: process-worker.ts. */
function passOnRefusal(error: Error): void {
  const { code, permission, resource } = error as Error & Record<'code' | 'permission' | 'resource', unknown>;
  if (code === 'ERR_ACCESS_DENIED') channel('node:permission-model:fs').publish({ permission, resource });
}
