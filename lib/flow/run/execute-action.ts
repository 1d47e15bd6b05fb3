/** Execution of one action: look it up and, if its outputs are not in the store, lock it, run it in a worker and commit. */
import { OperationalError } from '../../errors.ts';
import { KEY_SCHEMA } from '../keys/key.ts';
import type { ActionRecord, StoredOutput } from '../store/record.ts';
import { workOf } from '../store/work.ts';
import { type Action, taskOf } from './action.ts';
import { ActionLock } from './action-lock.ts';
import { type Attempted, attemptAction, Drained, type Holder } from './attempt.ts';
import { type Done, differingSlots, type Execution, storedRecord } from './execution.ts';

/** Executes an action. Actions with the same key run once in this process, whatever targets they belong to. */
export async function executeAction(run: Execution, action: Action): Promise<Done> {
  const running = run.inFlight.get(action.key);
  if (running !== undefined) return { record: (await running).record, outcome: 'cached' };
  const promise = lookupOrRun(run, action);
  run.inFlight.set(action.key, promise);
  promise.then(
    () => run.inFlight.delete(action.key),
    () => run.inFlight.delete(action.key),
  );
  return promise;
}

async function lookupOrRun(run: Execution, action: Action): Promise<Done> {
  const { key, job } = action;
  // No lock is needed for a result that is already stored; a forced action runs regardless.
  let known = job.forced ? undefined : lookup(run, action);
  if (known !== undefined) return { record: known, outcome: 'cached' };
  if (run.drain.aborted) throw new Drained();
  const { demand, threads } = run.memory.demandOf(job.target, job.priority, {
    role: action.portion.role,
    part: action.portion.role === 'part' ? action.portion.part : undefined,
    inputs: action.inputs,
    rounds: action.rounds,
    threads: action.cores,
  });
  const holder: Holder = { demand, place: await run.slots.acquire(demand) };
  try {
    if (run.drain.aborted) throw new Drained();
    const lock = new ActionLock(run, action);
    await lock.tryTake();
    if (!lock.isTaken) {
      // Another process holds the lock: give up the place while waiting, so that other actions can use it.
      holder.place.leave();
      await lock.take();
      if (lock.isTaken) holder.place = await run.slots.acquire(demand);
    }
    try {
      known = job.forced && lock.isTaken ? undefined : storedRecord(run.store, key);
      if (known !== undefined) return { record: known, outcome: 'cached' };
      if (run.drain.aborted) throw new Drained();
      return await runAction(run, action, threads, holder, lock);
    } finally {
      lock.release();
    }
  } finally {
    holder.place.leave();
  }
}

/**
 * Returns the stored record of an action, like `storedRecord`. Warns about an unusable one of a plan or part; for a whole
 * target the decision has reported it.
 */
function lookup(run: Execution, { job: { target }, name, key }: Action): ActionRecord | undefined {
  const found = run.store.lookup(key);
  if (found.state === 'hit') return found.record;
  const why = found.state === 'closed' ? found.detail : found.state === 'miss' ? found.shared : undefined;
  if (why !== undefined && target.stage.parts !== undefined && name !== 'merge')
    run.onEvent({ type: 'warning', message: `${target.id}, ${name}: ${why}: made again` });
  return undefined;
}

/** Runs an action and commits it. Releases its place before the commit, which only waits for the disk. */
async function runAction(
  run: Execution,
  action: Action,
  threads: number,
  holder: Holder,
  lock: ActionLock,
): Promise<Done> {
  const { job, name } = action;
  const { target } = job;
  run.onEvent({ type: 'action-started', target: target.id, action: name });
  const attempted = await attemptAction(run, action, taskOf(action, threads), holder).catch(async (error) => {
    // If an input was removed or changed meanwhile, report that instead of blaming the code.
    if (error instanceof OperationalError && (error.kind === 'internal' || error.kind === 'code'))
      await run.requireUnchanged(target, job.ingredients);
    throw error;
  });
  const { written, durationMs, peakRssBytes, scratch } = attempted;
  try {
    holder.place.leave();
    const record = recordOf(run, action, attempted, holder);
    await run.requireUnchanged(target, job.ingredients);
    const other = await lock.requireLock();
    if (other !== undefined) return { record: other, outcome: 'cached' };
    const kept = keepFirst(run, action, record);
    if (kept === record) await run.store.commit(record, Object.values(written), { replace: job.forced });
    run.onEvent({
      type: 'action-finished',
      target: target.id,
      action: name,
      outcome: 'ran',
      durationMs,
      peakRssBytes,
    });
    return { record: kept, outcome: 'ran' };
  } catch (error) {
    if (error instanceof OperationalError) Object.assign(error, { action: name });
    throw error;
  } finally {
    run.scratch.giveBack(scratch);
  }
}

function recordOf(
  run: Execution,
  { job, key, ingredients, portion }: Action,
  attempted: Attempted,
  { demand, place }: Holder,
): ActionRecord {
  const outputs: Record<string, StoredOutput> = {};
  for (const [slot, { output }] of Object.entries(attempted.written)) outputs[slot] = output;
  const own: ActionRecord = {
    schema: KEY_SCHEMA,
    key,
    target: job.target.id,
    ingredients,
    code: job.code.pieces,
    outputs,
    durationMs: Math.round(attempted.durationMs),
    peakRssBytes: attempted.peakRssBytes,
    memory: run.memory.taken(demand, place, attempted),
  };
  // A merge is the last action of a partitioned target: its record has the total work of all its actions.
  const isMerge = portion.role === 'whole' && job.done.length > 0;
  return isMerge ? { ...own, work: workOf([...job.done, own]) } : own;
}

/**
 * Compares a new record with an earlier one of the same key, which must have the same outputs. If they differ, reports the
 * action as nondeterministic and keeps the first outputs, as long as they exist, so that results made from them stay
 * consistent.
 */
function keepFirst(run: Execution, { job, name }: Action, record: ActionRecord): ActionRecord {
  const first = run.store.recordOf(record.key);
  const slots = first === undefined ? [] : differingSlots(first.outputs, record.outputs);
  if (first === undefined || slots.length === 0) return record;
  const isThere = storedRecord(run.store, record.key) !== undefined;
  run.onEvent({
    type: 'nondeterministic',
    target: job.target.id,
    action: name,
    outputs: slots,
    kept: isThere ? 'first' : 'new',
  });
  return isThere ? first : record;
}
