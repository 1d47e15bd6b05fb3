/**
 * Brings the outputs of one stale target into the store: as one action, or, for a partitioned stage, as a
 * plan, its parts and their merge, round by round. Every action is looked up, locked, run and committed in
 * the same way.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RankloomError } from '../../errors.ts';
import type { CodeIdentity } from '../code/code-entry.ts';
import type { Resolved } from '../decide/decide.ts';
import type { Target } from '../graph/target.ts';
import { type ActionKey, actionKey, KEY_SCHEMA, type KeyIngredients } from '../keys/key.ts';
import { acquireLock, type Lock } from '../locks/lock.ts';
import type { Part } from '../stage.ts';
import type { ActionRecord, StoredOutput } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import { workOf } from '../store/work.ts';
import type { Task, TaskInput } from '../workers/task.ts';
import { attempt, Drained, type Holder } from './attempt.ts';
import type { Done, Execution } from './execution.ts';
import { outputsAsInputs, taskInputs } from './task-inputs.ts';

interface Job {
  readonly target: Target;
  readonly code: CodeIdentity;
  readonly ingredients: KeyIngredients;
  readonly inputs: Readonly<Record<string, TaskInput | readonly TaskInput[]>>;
  readonly priority: number;
  readonly forced: boolean;
  readonly cores: number;
  /** The actions of this target so far, whoever made them. */
  readonly done: ActionRecord[];
}

/** What the parts of each round wrote: round → part → slot. */
type Rounds = Task['rounds'];

/** One unit of a job: all of it, or a plan, a part or the merge. */
interface Action {
  readonly name: string;
  readonly key: ActionKey;
  readonly ingredients: KeyIngredients;
  readonly share: Task['share'];
  readonly rounds: Rounds;
  readonly cores: number;
}

export async function executeTarget(
  run: Execution,
  target: Target,
  resolved: Resolved,
  upstream: ReadonlyMap<string, Resolved>,
  { code, priority, forced }: { code: CodeIdentity; priority: number; forced: boolean },
): Promise<Done> {
  const ingredients = resolved.ingredients!;
  const inputs = await taskInputs(run.store, target, ingredients, upstream);
  const wantsAll = target.stage.cores?.(run.graph.config, target.instance) === 'all';
  const cores = wantsAll ? run.workers : 1;
  const job: Job = { target, code, ingredients, inputs, priority, forced, cores, done: [] };
  try {
    const rounds: Rounds[number][] = [];
    const { parts } = target.stage;
    for (let round = 0; parts !== undefined && round < (parts.rounds ?? 1); round++) {
      rounds.push(await executeRound(run, job, round, rounds));
    }
    const name = parts === undefined ? 'run' : 'merge';
    return await executeAction(run, job, actionOf(job, name, ingredients, { role: 'whole' }, rounds));
  } finally {
    run.sharing.drop(target.id);
  }
}

/** Plans a round and runs its parts. Returns what the parts wrote, in the order of the plan. */
async function executeRound(
  run: Execution,
  job: Job,
  round: number,
  rounds: Rounds,
): Promise<Rounds[number]> {
  const contents = rounds.map((parts) => parts.map((part) => contentsOf(part)));
  const planIngredients: KeyIngredients = {
    ...job.ingredients,
    share: { role: 'plan', round, rounds: contents },
  };
  const planned = await executeAction(
    run,
    job,
    actionOf(job, `plan ${round + 1}`, planIngredients, { role: 'plan', round }, rounds),
  );
  job.done.push(planned.record);
  const plan = planned.record.outputs.plan;
  const parts = JSON.parse(readFileSync(run.store.objectPath(plan.hash), 'utf8')) as Part[];
  const actions = parts.map((part) => {
    const share = { role: 'part', round, part: part.data } as const;
    const action = actionOf(job, part.name, partIngredients(job, round, part), share, []);
    return { ...action, cores: part.cores === 'all' ? run.workers : job.cores };
  });
  const cached = actions.filter(({ key }) => run.store.lookup(key).state === 'hit');
  run.onEvent({
    type: 'parts-planned',
    target: job.target.id,
    round,
    parts: parts.length,
    cached: job.forced ? 0 : cached.length,
  });
  const done = await Promise.all(actions.map((action) => executeAction(run, job, action)));
  for (const { record } of done) job.done.push(record);
  return done.map(({ record }) => outputsAsInputs(run.store, record));
}

function actionOf(
  job: Job,
  name: string,
  ingredients: KeyIngredients,
  share: Task['share'],
  rounds: Rounds,
): Action {
  const key = actionKey(ingredients, job.target.stage.name);
  return { name, key, ingredients, share, rounds, cores: job.cores };
}

function partIngredients(job: Job, round: number, part: Part): KeyIngredients {
  const { inputs } = job.ingredients;
  const used = part.inputs ?? Object.keys(inputs);
  const unknown = used.find((slot) => inputs[slot] === undefined);
  if (unknown !== undefined) {
    throw new TypeError(
      `stage ${job.target.stage.name} planned a part (${part.name}) with an input "${unknown}", which it does not have`,
    );
  }
  return {
    ...job.ingredients,
    inputs: Object.fromEntries(used.map((slot) => [slot, inputs[slot]])),
    share: { role: 'part', round, part: part.data },
  };
}

async function executeAction(run: Execution, job: Job, action: Action): Promise<Done> {
  const running = run.inFlight.get(action.key);
  if (running !== undefined) return { record: (await running).record, outcome: 'cached' };
  const promise = lookupOrRun(run, job, action);
  run.inFlight.set(action.key, promise);
  promise.then(
    () => run.inFlight.delete(action.key),
    () => run.inFlight.delete(action.key),
  );
  return promise;
}

async function lookupOrRun(run: Execution, job: Job, action: Action): Promise<Done> {
  const { store } = run;
  const { key } = action;
  // The lock is given back when another process made the result; a forced action is made again regardless.
  let known = job.forced ? undefined : firstLook(run, job, action.name, key);
  if (known !== undefined) return { record: known, outcome: 'cached' };
  if (run.drain.aborted) throw new Drained();
  const { demand, threads } = run.memory.demandOf(job.target, job.priority, {
    role: action.share.role,
    part: action.share.role === 'part' ? action.share.part : undefined,
    // A part reads what it names.
    inputs: Object.fromEntries(
      Object.keys(action.ingredients.inputs).map((slot) => [slot, job.inputs[slot]]),
    ),
    rounds: action.rounds,
    threads: action.cores,
  });
  const holder: Holder = { demand, place: await run.slots.acquire(demand) };
  try {
    if (run.drain.aborted) throw new Drained();
    const hold = new Hold(run, job, key);
    await hold.tryTake();
    if (hold.lock === undefined) {
      // Another process is at it: wait outside, so that the place serves others meanwhile.
      holder.place.leave();
      await hold.take();
      if (hold.lock !== undefined) holder.place = await run.slots.acquire(demand);
    }
    try {
      known = job.forced && hold.lock !== undefined ? undefined : hit(store, key);
      if (known !== undefined) return { record: known, outcome: 'cached' };
      if (run.drain.aborted) throw new Drained();
      return await runAction(run, job, action, threads, holder, hold);
    } finally {
      hold.lock?.release();
    }
  } finally {
    holder.place.leave();
  }
}

/** The lock of an action, as long as this process works on it. */
class Hold {
  readonly #run: Execution;
  readonly #target: string;
  readonly #key: ActionKey;
  lock: Lock | undefined;

  constructor(run: Execution, job: Job, key: ActionKey) {
    this.#run = run;
    this.#target = job.target.id;
    this.#key = key;
  }

  /** Takes the lock unless a living process has it. */
  async tryTake(): Promise<void> {
    this.lock = await acquireLock(this.#folder, this.#name, () => true);
  }

  /** Waits for the lock, or until the action's result is there. */
  async take(): Promise<void> {
    const { store, drain, onWait } = this.#run;
    this.lock = await acquireLock(this.#folder, this.#name, () => hit(store, this.#key) !== undefined, {
      signal: drain,
      onWait: (...wait) => onWait(this.#target, ...wait),
    }).catch((error) => {
      throw drain.aborted ? new Drained() : error;
    });
  }

  /**
   * Sees, before anything is committed, whether this process was taken for dead while it slept, and another took
   * the lock over. Then it waits for that one. Gives what that one made, if it did.
   */
  async requireLock(): Promise<ActionRecord | undefined> {
    this.#run.store.requireSession();
    if (this.lock?.isHeld()) return undefined;
    this.lock?.release();
    await this.take();
    return this.lock === undefined ? hit(this.#run.store, this.#key) : undefined;
  }

  get #folder(): string {
    return join(this.#run.store.dir, 'locks');
  }

  get #name(): string {
    return `${this.#key}.lock`;
  }
}

/** Runs an action and commits it. Its place is given to others as soon as only the disk is waited for. */
async function runAction(
  run: Execution,
  job: Job,
  { name: action, key, ingredients, share, rounds }: Action,
  threads: number,
  holder: Holder,
  hold: Hold,
): Promise<Done> {
  const { target } = job;
  run.onEvent({ type: 'action-started', target: target.id, action });
  const task: Omit<Task, 'scratch'> = {
    target: target.id,
    module: target.stage.module,
    identity: ingredients.code,
    config: run.graph.config,
    instance: target.instance,
    params: target.params,
    seed: target.seed,
    inputs: Object.fromEntries(Object.keys(ingredients.inputs).map((slot) => [slot, job.inputs[slot]])),
    code: target.code,
    rounds,
    share,
    optional: target.optional,
    threads,
  };
  const attempted = await attempt(run, target, action, task, holder).catch(async (error) => {
    // Code that trips over a file which went or changed meanwhile is not to blame.
    if (error instanceof RankloomError && (error.kind === 'internal' || error.kind === 'code'))
      await run.requireUnchanged(target, job.ingredients);
    throw error;
  });
  const { written, durationMs, peakRssBytes, scratch } = attempted;
  try {
    const { place } = holder;
    place.leave();
    const outputs: Record<string, StoredOutput> = {};
    for (const [slot, { output }] of Object.entries(written)) outputs[slot] = output;
    const own: ActionRecord = {
      schema: KEY_SCHEMA,
      key,
      target: target.id,
      ingredients,
      code: job.code.pieces,
      outputs,
      durationMs: Math.round(durationMs),
      peakRssBytes,
      memory: run.memory.taken(holder.demand, place, attempted),
    };
    // A merge is the last action of a partitioned target: its record tells what all of them took.
    const isWhole = share.role === 'whole' && job.done.length > 0;
    const record: ActionRecord = isWhole ? { ...own, work: workOf([...job.done, own]) } : own;
    await run.requireUnchanged(target, job.ingredients);
    const other = await hold.requireLock();
    if (other !== undefined) return { record: other, outcome: 'cached' };
    const kept = keepFirst(run, target, action, record);
    if (kept === record) await run.store.commit(record, Object.values(written), { replace: job.forced });
    run.onEvent({
      type: 'action-finished',
      target: target.id,
      action,
      outcome: 'ran',
      durationMs,
      peakRssBytes,
    });
    return { record: kept, outcome: 'ran' };
  } catch (error) {
    if (error instanceof RankloomError) Object.assign(error, { action });
    throw error;
  } finally {
    run.scratch.giveBack(scratch);
  }
}

/**
 * An action that was made before under this key must have come out the same. If it did not, the stage is told by
 * name, and the first bytes stay, as long as they are there: results that rest on them are then still of one piece.
 */
function keepFirst(run: Execution, target: Target, action: string, record: ActionRecord): ActionRecord {
  const first = run.store.recordOf(record.key);
  const slots = first === undefined ? [] : differingSlots(first.outputs, record.outputs);
  if (first === undefined || slots.length === 0) return record;
  const isThere = hit(run.store, record.key) !== undefined;
  run.onEvent({
    type: 'nondeterministic',
    target: target.id,
    action,
    outputs: slots,
    kept: isThere ? 'first' : 'new',
  });
  return isThere ? first : record;
}

function differingSlots(a: ActionRecord['outputs'], b: ActionRecord['outputs']): string[] {
  const slots = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return slots.filter((slot) => a[slot]?.hash !== b[slot]?.hash);
}

/** As `hit`, with a word where something is there that cannot be used; of a whole target the decision has told. */
function firstLook(
  run: Execution,
  { target }: Job,
  action: string,
  key: ActionKey,
): ActionRecord | undefined {
  const found = run.store.lookup(key);
  if (found.state === 'hit') return found.record;
  const why = found.state === 'closed' ? found.detail : found.state === 'miss' ? found.shared : undefined;
  if (why !== undefined && target.stage.parts !== undefined && action !== 'merge')
    run.onEvent({ type: 'warning', message: `${target.id}, ${action}: ${why}: made again` });
  return undefined;
}

function hit(store: Store, key: ActionKey): ActionRecord | undefined {
  const found = store.lookup(key);
  return found.state === 'hit' ? found.record : undefined;
}

function contentsOf(part: Readonly<Record<string, TaskInput>>) {
  return Object.fromEntries(
    Object.entries(part).map(([slot, { kind, hash }]) => [
      slot,
      { kind, hash: hash as StoredOutput['hash'] },
    ]),
  );
}
