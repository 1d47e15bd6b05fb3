/** Limits of one action, and their monitoring. */

import { OperationalError } from '../../errors.ts';
import { hintOf } from '../hints.ts';

export interface ActionLimits {
  readonly timeoutMs?: number;
  /** Maximum memory; the executor determines what is measured: a thread's heap and buffers, or a process's resident memory. */
  readonly memoryBytes?: number;
}

const LOOK_MS = 100;
/** Maximum delay of Node's timers (24 days). */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Calls `end` once, when a limit is exceeded. Returns a function that stops the monitoring.
 *
 * @param end gets the error, and whether it is urgent because memory keeps growing
 * @param measure returns the bytes in use; undefined if unknown
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
