/**
 * Plan file, to be inspected and run later: the key ingredients of each target when the plan was made. A run by a plan is
 * refused as soon as any of them has changed.
 */

import { createHash } from 'node:crypto';
import { dataError, type OperationalError } from '../../errors.ts';
import { PLAN_FORMAT } from '../fixed-names.ts';
import type { Graph, Target } from '../graph/target.ts';
import { hintOf } from '../hints.ts';
import type { ActionKey, CodeHash, KeyIngredients } from '../keys/key.ts';
import type { Plain } from '../stage.ts';
import type { Decider, Resolved } from './decide.ts';
import type { Cause, State } from './decision.ts';
import type { Forecast } from './forecast.ts';
import { describeCause } from './words.ts';

const VERSION = 1;

export interface PlannedTarget {
  readonly state: State;
  /** Cache key; absent for a target whose inputs must be made first. */
  readonly key?: ActionKey;
  /** Key ingredients. Without a key, `inputs` has the external files and folders only. */
  readonly ingredients: KeyIngredients;
}

/** Content of a plan file: the decisions, the ingredients they are based on, and the options they were made with. */
export interface PlanFile {
  readonly format: typeof PLAN_FORMAT;
  readonly version: typeof VERSION;
  /** Options that the plan was made with. */
  readonly options: Plain;
  /** Planned targets by id, in the order of the graph. */
  readonly targets: Readonly<Record<string, PlannedTarget>>;
  /** Components of each code identity. */
  readonly code: Readonly<Record<CodeHash, Readonly<Record<string, string>>>>;
  readonly forecast: Forecast;
  /** Checksum of all fields above; a damaged or edited plan is rejected. */
  readonly sum?: string;
}

/**
 * Makes a plan that a later `run` must follow.
 *
 * @param resolved the decisions of this decider on all targets of the plan
 */
export async function makePlan(
  graph: Graph,
  decider: Decider,
  resolved: ReadonlyMap<string, Resolved>,
  { options, forecast }: { options: Plain; forecast: Forecast },
): Promise<PlanFile> {
  const targets: Record<string, PlannedTarget> = {};
  const code: Record<string, Readonly<Record<string, string>>> = {};
  for (const [id, { decision, key, ingredients }] of resolved) {
    const target = graph.targets.get(id)!;
    const identity = decider.codeOf(target);
    code[identity.hash] = identity.pieces;
    targets[id] = {
      state: decision.state,
      key,
      ingredients: ingredients ?? (await decider.knownIngredients(target)),
    };
  }
  const plan = { format: PLAN_FORMAT, version: VERSION, options, targets, code, forecast } as const;
  return { ...plan, sum: sumOf(plan) };
}

/** Checksum of a plan in its JSON form: fields that JSON omits do not count. */
function sumOf({ sum: _, ...plan }: PlanFile): string {
  const written = JSON.stringify(JSON.parse(JSON.stringify(plan)));
  return createHash('sha256').update(written).digest('hex');
}

/** Parses a plan. Throws a data error if the text is no plan, is of another version, or was damaged or edited. */
export function parsePlan(text: string, where: string): PlanFile {
  let plan: Partial<PlanFile> | null;
  try {
    plan = JSON.parse(text);
  } catch (error) {
    throw dataError(`${where} is no plan: ${(error as Error).message}`, { where, hint: hintOf('makePlan') });
  }
  if (plan?.format !== PLAN_FORMAT || typeof plan.targets !== 'object' || typeof plan.code !== 'object') {
    throw dataError(`${where} is no plan`, {
      expected: 'what plan -o wrote',
      where,
      hint: hintOf('makePlan'),
    });
  }
  if (plan.version !== VERSION) {
    throw dataError(`${where} is a plan of version ${plan.version}`, {
      expected: `version ${VERSION}`,
      where,
      hint: hintOf('makePlan'),
    });
  }
  if (plan.sum !== sumOf(plan as PlanFile)) {
    throw dataError(`${where} is not as it was written: it is damaged or was edited`, {
      where,
      hint: hintOf('makePlan'),
    });
  }
  return plan as PlanFile;
}

/** Changes since a plan was made, one line each; empty if the plan still holds. */
export async function changesSince(
  plan: PlanFile,
  graph: Graph,
  decider: Decider,
  resolved: ReadonlyMap<string, Resolved>,
): Promise<string[]> {
  const changes = Object.keys(plan.targets)
    .filter((id) => !resolved.has(id))
    .map((id) => `${id}: is no longer a target`);
  for (const [id, now] of resolved) {
    const planned = plan.targets[id];
    const target = graph.targets.get(id)!;
    if (planned === undefined) changes.push(`${id}: is a new target`);
    else {
      const ingredients = now.ingredients ?? (await decider.knownIngredients(target));
      const causes = differences(plan, planned, target, ingredients, decider);
      changes.push(...causes.map((cause) => `${id}: ${describeCause(cause)}`));
      if (causes.length === 0 && isKept(planned.state) && !isKept(now.decision.state)) {
        changes.push(`${id}: was up to date, and its outputs are no longer in the store`);
      }
    }
  }
  return changes;
}

/** Checks, just before a target runs, that it still matches the plan. Throws a data error if it does not. */
export function enforcePlan(
  plan: PlanFile,
  decider: Decider,
  target: Target,
  { ingredients }: Resolved,
): void {
  const planned = plan.targets[target.id];
  const causes = differences(plan, planned, target, ingredients!, decider);
  if (causes.length > 0) throw brokenPlan(causes.map((cause) => `${target.id}: ${describeCause(cause)}`));
}

/** Data error for a plan that no longer holds; the message lists the first 20 of `changes`. */
export function brokenPlan(changes: readonly string[], where?: string): OperationalError {
  const shown = changes.slice(0, 20);
  if (shown.length < changes.length) shown.push(`… and ${changes.length - shown.length} more`);
  return dataError(`the plan no longer holds:\n${shown.join('\n')}`, {
    expected: 'that nothing has changed since it was made',
    where,
    hint: hintOf('makePlan'),
  });
}

function differences(
  plan: PlanFile,
  planned: PlannedTarget,
  target: Target,
  now: KeyIngredients,
  decider: Decider,
): Cause[] {
  const known = Object.keys(planned.ingredients.inputs);
  const inputs = Object.fromEntries(
    Object.entries(now.inputs).filter(([slot]) => planned.key !== undefined || known.includes(slot)),
  );
  const before = { ingredients: planned.ingredients, code: plan.code[planned.ingredients.code] ?? {} };
  return decider.causesSince(before, { ...now, inputs }, target);
}

const isKept = (state: State) => state === 'fresh' || state === 'cached';
