/** What one action may take, and the watch over it. */

import { OperationalError } from '../../errors.ts';
import { hintOf } from '../hints.ts';

export interface ActionLimits {
  readonly timeoutMs?: number;
  /** See the pools for what is measured: a thread's heap and buffers, or a process's resident memory. */
  readonly memoryBytes?: number;
}

const LOOK_MS = 100;
/** Node's timers hold no more (24 days). */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Calls `end` once, when a limit is passed. Returns the function that ends the watch.
 *
 * @param end gets the error, and whether there is no time to lose: memory goes on growing
 * @param measure bytes in use now; undefined if that cannot be told
 */
export function watchLimits(
  { timeoutMs, memoryBytes }: ActionLimits,
  measure: () => number | undefined | Promise<number | undefined>,
  end: (error: OperationalError, isUrgent: boolean) => void,
): () => void {
  let isOver = false;
  const stop = () => {
    isOver = true;
    clearTimeout(timer);
    clearInterval(looks);
  };
  const finish = (error: OperationalError, isUrgent: boolean) => {
    if (isOver) return;
    stop();
    end(error, isUrgent);
  };
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => finish(tookTooLong(timeoutMs), false), Math.min(timeoutMs, LONGEST_MS));
  const looks =
    memoryBytes === undefined
      ? undefined
      : setInterval(async () => {
          const bytes = await measure();
          if (bytes !== undefined && bytes > memoryBytes) finish(tookTooMuch(bytes, memoryBytes), true);
        }, LOOK_MS);
  return stop;
}

function tookTooLong(timeoutMs: number): OperationalError {
  return new OperationalError('limit', `the action took longer than its limit of ${timeoutMs / 1000} s`, {
    hint: hintOf('actionTime'),
  });
}

export function tookTooMuch(bytes: number | undefined, memoryBytes: number): OperationalError {
  const found = bytes === undefined ? '' : `: it held ${megabytes(bytes)}`;
  return new OperationalError(
    'limit',
    `the action took more memory than its limit of ${megabytes(memoryBytes)}${found}`,
    {
      hint: hintOf('actionMemory'),
    },
  );
}

const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
