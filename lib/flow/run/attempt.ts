/**
 * One action's work, within its limits. Where all that runs holds more than the memory budget, the action that came last is
 * ended and starts again when it can run alone: what it made so far is thrown away, and its bytes are the same.
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
  /** The folder of the outputs, to be given back when they have been moved. */
  readonly scratch: string;
}

/** Thrown instead of starting an action when the run drains. */
export class Drained extends Error {}

/** An action's place, which is another one after it gave way. */
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

/** Its result is in the store by now, and was made without it. */
function lateError(target: string, { message, where }: ErrorInfo): FlowEvent {
  const place = where === undefined ? '' : ` (${where})`;
  return {
    type: 'warning',
    message: `${target}: its code threw an error after it had ended: ${message}${place}; what it gave stays`,
  };
}

/** Every try has a folder of its own: nothing of one that was ended is left for the next. */
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
