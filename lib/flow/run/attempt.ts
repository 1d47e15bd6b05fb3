/**
 * Execution of one action, within its limits. If the running actions exceed the memory budget, the action admitted last is
 * stopped and starts again when it can run alone: its partial work is discarded, and its output bytes are the same.
 */
import { type ErrorInfo, fromErrorInfo } from '../../errors.ts';
import type { FlowEvent } from '../events.ts';
import type { Written } from '../store/record.ts';
import type { Task } from '../workers/task.ts';
import type { Action } from './action.ts';
import type { Execution } from './execution.ts';
import type { ActionDemand } from './needs.ts';
import type { Place } from './slots.ts';

export interface Attempted {
  readonly written: Readonly<Record<string, Written>>;
  readonly durationMs: number;
  readonly peakRssBytes: number;
  /** See `TaskResult`. */
  readonly heldBytes?: number;
  /** Scratch folder of the outputs; release it when they have been moved. */
  readonly scratch: string;
}

/** Error thrown instead of starting an action when the run drains. */
export class Drained extends Error {}

/** Holder of an action's current place, which is replaced when the action gives way. */
export interface Holder {
  place: Place;
  readonly demand: ActionDemand;
}

export async function attemptAction(
  run: Execution,
  action: Action,
  task: Omit<Task, 'scratch'>,
  holder: Holder,
): Promise<Attempted> {
  const { name, job } = action;
  for (;;) {
    const { place } = holder;
    try {
      return await tryOnce(run, action, task, place.giveWay);
    } catch (error) {
      if (!place.giveWay.aborted || run.kill.aborted) throw Object.assign(error as Error, { action: name });
    }
    run.onEvent({ type: 'action-retried', target: job.target.id, action: name });
    place.leave();
    holder.place = await run.slots.acquire(holder.demand, { alone: true });
    if (run.drain.aborted) throw new Drained();
  }
}

/** Warning about an error thrown after an action had ended: its result is already stored and unaffected. */
function lateError(target: string, { message, where }: ErrorInfo): FlowEvent {
  const place = where === undefined ? '' : ` (${where})`;
  return {
    type: 'warning',
    message: `${target}: its code threw an error after it had ended: ${message}${place}; what it gave stays`,
  };
}

/** Runs an action once, in a scratch folder of its own: a stopped attempt leaves nothing for the next. */
async function tryOnce(
  run: Execution,
  { name: action, job: { target } }: Action,
  task: Omit<Task, 'scratch'>,
  giveWay: AbortSignal,
): Promise<Attempted> {
  const scratch = run.scratch.take();
  try {
    const { result, durationMs, peakRssBytes } = await run.executor.run(
      { ...task, scratch },
      {
        onProgress: (done, total, note) =>
          run.onEvent({ type: 'action-progress', target: target.id, action, done, total, note }),
        onOutput: (text) => run.onEvent({ type: 'output', target: target.id, action, text }),
        onLateError: (of, error) => run.onEvent(lateError(of, error)),
        signal: run.kill,
        giveWay,
        limits: run.limits,
        code: () => run.codeOf(target),
      },
    );
    if (!result.ok) throw fromErrorInfo(result.error);
    return { written: result.written, durationMs, peakRssBytes, heldBytes: result.heldBytes, scratch };
  } catch (error) {
    run.scratch.giveBack(scratch);
    throw error;
  }
}
