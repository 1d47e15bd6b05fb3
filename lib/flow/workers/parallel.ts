/**
 * Parallel regions: several threads on one action, over shared memory: for work that cannot be cut into independent parts, such
 * as the epochs of a layout. How many there are must not show in the bytes.
 */
import { channel } from 'node:diagnostics_channel';
import { Worker } from 'node:worker_threads';
import type { Order, Report } from './parallel-work.ts';

/** Hears what a thread says while it works. An error that it throws ends the call. */
type OnMessage = (message: unknown, index: number) => void;

/**
 * Runs the default export of a module on several threads: `Context.team` of a stage. `data` may be a promise: the
 * threads start, and import the module, while it is being made.
 */
export type Team = (module: string, data: unknown, onMessage?: (message: unknown) => void) => Promise<void>;

/**
 * The threads of an action's parallel regions. They start with the first call, if not before, and serve all that follow, one call after the other:
 * modules and kernels are loaded once. If a thread throws or dies, the call fails with its error and
 * the others are ended, whatever they wait for; another call gets new threads.
 */
export class ParallelThreads {
  readonly #count: number;
  readonly #onThread: (system: number) => void;
  #team: ThreadTeam | undefined;
  #isClosed = false;
  /** Settles when the calls so far are over. */
  #calls: Promise<unknown> = Promise.resolve();

  /** @param onThread hears the number that the system has for each thread, where that is known */
  constructor(count: number, onThread: (system: number) => void = () => {}) {
    this.#count = count;
    this.#onThread = onThread;
  }

  /** Starts the threads before the first call, if there is a core for them besides that of the action itself. */
  start(): void {
    if (this.#count > 1) this.#living();
  }

  /** `data` is cloned, but for shared buffers and memories, which stay one. */
  readonly run = async (module: string, data: unknown, onMessage: OnMessage = () => {}): Promise<void> => {
    this.#living().order({ type: 'import', module });
    const ready = await data;
    const call = this.#calls.then(() => this.#living().work(module, ready, onMessage));
    this.#calls = call.catch(() => {});
    return call;
  };

  /** Ends the threads, and with them a call that is under way. There are no calls after it. */
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

/** Runs one parallel region, on threads of its own. */
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
  /** Members that are not done. */
  left: number;
  readonly onMessage: OnMessage;
  done(): void;
  fail(error: unknown): void;
}

/** Threads that live and die together. */
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

/** What a member was refused is told where the refusals of its action are gathered: see process-worker.ts. */
function passOnRefusal(error: Error): void {
  const { code, permission, resource } = error as Error & Record<'code' | 'permission' | 'resource', unknown>;
  if (code === 'ERR_ACCESS_DENIED') channel('node:permission-model:fs').publish({ permission, resource });
}
