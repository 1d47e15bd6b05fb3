/** One action's work: within its limits, and tried again after a transient error as often as its stage allows. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fromErrorInfo, RankloomError, toErrorInfo } from '../errors.ts';
import type { Execution } from './execute.ts';
import type { Target } from './graph.ts';
import { limitsOf } from './limits.ts';
import type { Written } from './store.ts';
import type { Task } from './task.ts';

export interface Attempted {
  readonly written: Readonly<Record<string, Written>>;
  readonly durationMs: number;
  readonly peakRssBytes: number;
  /** The folder of the outputs, to be given back when they have been moved. */
  readonly scratch: string;
}

/** Thrown instead of starting an action when the run drains. */
export class Drained extends Error {}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

export async function attempt(
  run: Execution,
  target: Target,
  action: string,
  task: Omit<Task, 'scratch'>,
): Promise<Attempted> {
  const { retries = 0 } = target.stage;
  for (let failures = 0; ; ) {
    try {
      return await tryOnce(run, target, action, task);
    } catch (error) {
      if (!(error instanceof RankloomError)) throw error;
      if (error.kind !== 'transient' || failures === retries) throw Object.assign(error, { action });
      failures++;
      const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS);
      run.onEvent({
        type: 'action-retried',
        target: target.id,
        action,
        attempt: failures,
        retries,
        delayMs,
        error: toErrorInfo(error),
      });
      await sleep(delayMs, undefined, { signal: run.drain }).catch(() => {
        throw new Drained();
      });
    }
  }
}

/** Every try has a folder of its own: nothing of one that failed is left for the next. */
async function tryOnce(
  run: Execution,
  target: Target,
  action: string,
  task: Omit<Task, 'scratch'>,
): Promise<Attempted> {
  const scratch = run.scratch.take();
  try {
    const { result, durationMs, peakRssBytes } = await run.pool.run(
      { ...task, scratch },
      {
        onMessage: (message, port) => {
          if (message.type !== 'progress') return run.sharing.handle(target.id, message, port);
          const { done, total, note } = message;
          run.onEvent({ type: 'action-progress', target: target.id, action, done, total, note });
        },
        onEnd: (port) => run.sharing.leave(target.id, port),
        signal: run.kill,
        limits: limitsOf(target.stage.limits, run.limits),
        stage: target.stage.name,
        needsThreads: target.stage.cores !== undefined || target.stage.parts !== undefined,
        code: () => run.codeOf(target),
      },
    );
    if (!result.ok) throw fromErrorInfo(result.error);
    return { written: result.written, durationMs, peakRssBytes, scratch };
  } catch (error) {
    run.scratch.giveBack(scratch);
    throw error;
  }
}
