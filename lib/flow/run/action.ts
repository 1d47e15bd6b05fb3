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

/** What the actions of one target have in common. */
export interface Job {
  readonly target: Target;
  readonly code: CodeIdentity;
  /** Of the whole target. */
  readonly ingredients: KeyIngredients;
  readonly inputs: TaskInputs;
  readonly priority: number;
  /** Whether it is made again even if its outputs are there. */
  readonly forced: boolean;
  /** Threads that an action of the target asks for. */
  readonly cores: number;
  /** Records of the target's actions so far, whichever process made them. */
  readonly done: ActionRecord[];
}

/** One unit of a job: all of it, or a plan, a part or the merge. */
export interface Action {
  readonly job: Job;
  /** `run`, `plan 1`, the name of a part, or `merge`: for people. */
  readonly name: string;
  readonly key: ActionKey;
  readonly ingredients: KeyIngredients;
  readonly portion: TaskPortion;
  /** The inputs that the action is given: a part may name fewer than the target has. */
  readonly inputs: TaskInputs;
  /** What the parts of earlier rounds wrote: for a plan and for the merge. */
  readonly rounds: PartOutputs;
  /** Threads that it asks for. */
  readonly cores: number;
}

/** The one action of a target without parts, or the merge of its parts. */
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

/** @param cores threads for a part that asks for all */
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

/** What a worker is to do for an action, but for the folder that it writes to. */
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
