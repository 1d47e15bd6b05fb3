/** Actions: the units in which a target's work is looked up, locked, run and committed. */
import type { CodeIdentity } from '../code/code-entry.ts';
import type { Target } from '../graph/target.ts';
import { providedHints } from '../hints.ts';
import {
  type ActionKey,
  actionKey,
  type ContentHash,
  type KeyIngredients,
  type PartContent,
} from '../keys/key.ts';
import type { Part } from '../stage.ts';
import type { ActionRecord } from '../store/record.ts';
import type { PartOutputs, Task, TaskInput, TaskInputs, TaskPortion } from '../workers/task.ts';

/** Properties shared by all actions of one target. */
export interface Job {
  readonly target: Target;
  readonly code: CodeIdentity;
  /** Key ingredients of the whole target. */
  readonly ingredients: KeyIngredients;
  readonly inputs: TaskInputs;
  readonly priority: number;
  /** True if the target runs even if its outputs are in the store. */
  readonly forced: boolean;
  /** Number of threads that an action of the target requests. */
  readonly cores: number;
  /** Records of the target's actions so far, made by this or another process. */
  readonly done: ActionRecord[];
}

/** Unit of a job: the whole target, or a plan, a part or the merge. */
export interface Action {
  readonly job: Job;
  /** Display name: `run`, `plan 1`, the name of a part, or `merge`. */
  readonly name: string;
  readonly key: ActionKey;
  readonly ingredients: KeyIngredients;
  readonly portion: TaskPortion;
  /** Inputs of the action; a part may name fewer than the target has. */
  readonly inputs: TaskInputs;
  /** Outputs of the parts of earlier rounds, for a plan or the merge. */
  readonly rounds: PartOutputs;
  /** Number of threads that the action requests. */
  readonly cores: number;
}

/** Makes the only action of a target without parts, or the merge action of a partitioned target. */
export function wholeAction(job: Job, rounds: PartOutputs): Action {
  const name = job.target.stage.parts === undefined ? 'run' : 'merge';
  return actionOf(job, { name, ingredients: job.ingredients, portion: { role: 'whole' }, rounds });
}

export function planAction(job: Job, round: number, rounds: PartOutputs): Action {
  const contents = rounds.map((parts) => parts.map((part) => partContent(part)));
  return actionOf(job, {
    name: `plan ${round + 1}`,
    ingredients: { ...job.ingredients, share: { role: 'plan', round, rounds: contents } },
    portion: { role: 'plan', round },
    rounds,
  });
}

/**
 * Makes the action of a part. Throws a TypeError for a part with an unknown input.
 *
 * @param cores number of threads for a part with `cores: 'all'`
 */
export function partAction(job: Job, round: number, part: Part, cores: number): Action {
  const { inputs } = job.ingredients;
  const used = part.inputs ?? Object.keys(inputs);
  const unknown = used.find((slot) => inputs[slot] === undefined);
  if (unknown !== undefined) {
    throw new TypeError(
      `stage ${job.target.stage.name} planned a part (${part.name}) with an input "${unknown}", which it does not have`,
    );
  }
  const portion = { role: 'part', round, part: part.data } as const;
  const ingredients = {
    ...job.ingredients,
    inputs: Object.fromEntries(used.map((slot) => [slot, inputs[slot]])),
    share: portion,
  };
  const action = actionOf(job, { name: part.name, ingredients, portion, rounds: [] });
  return part.cores === 'all' ? { ...action, cores } : action;
}

function actionOf(job: Job, own: Pick<Action, 'name' | 'ingredients' | 'portion' | 'rounds'>): Action {
  const slots = Object.keys(own.ingredients.inputs);
  return {
    ...own,
    job,
    key: actionKey(own.ingredients, job.target.stage.name),
    inputs: Object.fromEntries(slots.map((slot) => [slot, job.inputs[slot]])),
    cores: job.cores,
  };
}

function partContent(part: Readonly<Record<string, TaskInput>>): PartContent {
  return Object.fromEntries(
    Object.entries(part).map(([slot, { kind, hash }]) => [slot, { kind, hash: hash as ContentHash }]),
  );
}

/** Makes the worker task of an action, without its scratch folder. */
export function taskOf({ job, ...action }: Action, threads: number): Omit<Task, 'scratch'> {
  const { target, inputs } = job;
  const { stage } = target;
  return {
    target: target.id,
    stage: stage.name,
    module: stage.module,
    imports: stage.imports,
    identity: action.ingredients.code,
    instance: target.instance,
    wiring: target.wiring,
    params: target.params,
    seed: target.seed,
    inputs: action.inputs,
    slots: Object.keys(inputs),
    code: target.code,
    rounds: action.rounds,
    portion: action.portion,
    optional: target.optional,
    threads,
    mayStartThreads: stage.cores !== undefined || stage.parts !== undefined,
    hints: providedHints(),
  };
}
