/**
 * Errors that no code waits for: thrown by a timer or an event, or a rejection that is not handled. They are told
 * to the action whose code they come from, whichever runs meanwhile in the same thread.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

interface Origin<A = unknown> {
  /** What the work belongs to. */
  readonly about: A;
  /** Undefined when the work is over. */
  fail?: (error: unknown) => void;
  /** Hears of errors whose work is over, with what that work belonged to. */
  readonly late: (error: unknown, about: A) => void;
}

const origins = new AsyncLocalStorage<Origin>();
/** The work under way, or the last that was. */
let last: Origin | undefined;
let isListening = false;

/**
 * Rejects with the first error of `work` that no code waits for. While it is under way, `late` hears of errors of
 * earlier work. One work after the other.
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
      // Rejections without a handler are told a turn later.
      await Promise.race([nextTurn(), stray]);
      return result;
    });
  } finally {
    origin.fail = undefined;
  }
}

/** An error that no code waited for, unlike one that the work itself throws: after it, code may still be running. */
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
