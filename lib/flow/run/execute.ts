/**
 * Execution of one stale target: a single action, or, for a partitioned stage, a plan and its parts, round by round, and
 * their merge.
 */
import { readFileSync } from 'node:fs';
import type { CodeIdentity } from '../code/code-entry.ts';
import type { Resolved } from '../decide/decide.ts';
import type { Target } from '../graph/target.ts';
import type { Part } from '../stage.ts';
import type { PartOutputs } from '../workers/task.ts';
import { type Job, partAction, planAction, wholeAction } from './action.ts';
import { executeAction } from './execute-action.ts';
import type { Done, Execution } from './execution.ts';
import { outputsAsInputs, taskInputs } from './task-inputs.ts';

export async function executeTarget(
  run: Execution,
  target: Target,
  resolved: Resolved,
  upstream: ReadonlyMap<string, Resolved>,
  own: { readonly code: CodeIdentity; readonly priority: number; readonly forced: boolean },
): Promise<Done> {
  const ingredients = resolved.ingredients!;
  const inputs = await taskInputs(run.store, target, ingredients, upstream);
  const job: Job = {
    ...own,
    target,
    ingredients,
    inputs,
    cores: target.wantsAllCores ? run.workers : 1,
    done: [],
  };
  try {
    const rounds: PartOutputs[number][] = [];
    const { parts } = target.stage;
    for (let round = 0; parts !== undefined && round < (parts.rounds ?? 1); round++) {
      rounds.push(await executeRound(run, job, round, rounds));
    }
    return await executeAction(run, wholeAction(job, rounds));
  } finally {
    run.executor.endTarget?.(target.id);
  }
}

/** Plans a round and runs its parts. Returns the outputs of the parts, in the order of the plan. */
async function executeRound(
  run: Execution,
  job: Job,
  round: number,
  rounds: PartOutputs,
): Promise<PartOutputs[number]> {
  const planned = await executeAction(run, planAction(job, round, rounds));
  job.done.push(planned.record);
  const { plan } = planned.record.outputs;
  const parts = JSON.parse(readFileSync(run.store.objectPath(plan.hash), 'utf8')) as Part[];
  const actions = parts.map((part) => partAction(job, round, part, run.workers));
  const cached = actions.filter(({ key }) => run.store.lookup(key).state === 'hit');
  run.onEvent({
    type: 'parts-planned',
    target: job.target.id,
    round,
    parts: parts.length,
    cached: job.forced ? 0 : cached.length,
  });
  const done = await Promise.all(actions.map((action) => executeAction(run, action)));
  for (const { record } of done) job.done.push(record);
  return done.map(({ record }) => outputsAsInputs(run.store, record));
}
