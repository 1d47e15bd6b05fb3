/**
 * Stray errors, which no code awaits: thrown by a timer or an event, or unhandled rejections. They are attributed to the
 * action whose code they come from, even if another one runs in the same thread by then.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

interface Origin<A = unknown> {
  /** Action that the work belongs to. */
  readonly about: A;
  /** Fails the work; undefined when the work has ended. */
  fail?: (error: unknown) => void;
  /** Called with errors of work that has already ended, and with its `about`. */
  readonly late: (error: unknown, about: A) => void;
}

const origins = new AsyncLocalStorage<Origin>();
/** Current work, or the last one. */
let last: Origin | undefined;
let isListening = false;

/**
 * Runs `work`, and rejects with its first stray error as a `Stray`. Meanwhile, calls `late` with stray errors of earlier
 * work. Only one work may run at a time.
 */
export async function withStrays<T, A>(
  work: () => Promise<T>,
  about: A,
  late: Origin<A>['late'],
): Promise<T> {
  listen();
  const origin: Origin = { about, late: late as Origin['late'] };
  last = origin;
  const stray = new Promise<never>((_, fail) => {
    origin.fail = (error) => fail(new Stray(error));
  });
  stray.catch(() => {});
  try {
    return await origins.run(origin, async () => {
      const result = await Promise.race([work(), stray]);
      // Unhandled rejections are reported one turn later.
      await Promise.race([nextTurn(), stray]);
      return result;
    });
  } finally {
    origin.fail = undefined;
  }
}

/** Wrapper of an error that no code awaited, unlike one thrown by the work itself: code may still be running after it. */
export class Stray {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}

function listen(): void {
  if (isListening) return;
  isListening = true;
  const tell = (error: unknown) => {
    const origin = origins.getStore() ?? last;
    if (origin?.fail !== undefined) origin.fail(error);
    else if (origin !== undefined) last!.late(error, origin.about);
  };
  process.on('uncaughtException', tell);
  process.on('unhandledRejection', tell);
}
