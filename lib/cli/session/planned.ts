/** Plans in files: written by `plan -o`, enforced by `run --plan`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { dataError, usageError } from '../../errors.ts';
import {
  brokenPlan,
  changesSince,
  Decider,
  enforcePlan,
  type Forecast,
  makePlan,
  type Plain,
  type PlanFile,
  parsePlan,
  type Resolved,
  type RunOptions,
  resolveAll,
} from '../../flow/index.ts';
import type { HashWatch } from '../../flow/keys/stat-cache.ts';
import type { RunCommandOptions } from '../options/options.ts';
import { writingTo } from '../options/written.ts';
import type { Session } from './session.ts';

/** Options that determine the plan; the rest of a run's options say how it is done, and may be given anew. */
const PATHS = ['config', 'data', 'store'] as const;
const VALUES = ['set', 'label', 'batch', 'encodings', 'force'] as const;

type Given = Readonly<Record<string, Plain | undefined>>;

/** Writes a plan. Its paths count from its own folder. */
export async function writePlanned(
  file: string,
  { graph, resolved: config }: Session,
  decider: Decider,
  resolved: ReadonlyMap<string, Resolved>,
  {
    patterns,
    options,
    forecast,
  }: { patterns: readonly string[]; options: RunCommandOptions; forecast: Forecast },
): Promise<void> {
  const given = options as unknown as Given;
  const here = dirname(resolve(file));
  const kept: Record<string, Plain | undefined> = { targets: patterns };
  for (const name of VALUES) if (isGiven(given[name])) kept[name] = given[name];
  for (const name of PATHS)
    if (isGiven(given[name])) kept[name] = relative(here, resolve(given[name] as string));
  kept.config = relative(here, config.file.path);
  const plan = await makePlan(graph, decider, resolved, { options: kept, forecast });
  writingTo(file, () => writeFileSync(file, `${JSON.stringify(plan, null, 1)}\n`));
}

/** Reads a plan, and the options of a run by it. */
export function readPlanned(
  file: string,
  patterns: readonly string[],
  options: RunCommandOptions,
): { plan: PlanFile; patterns: string[]; options: RunCommandOptions } {
  const given = options as unknown as Given;
  const double = [...VALUES, ...PATHS].filter((name) => isGiven(given[name])).map((name) => `--${name}`);
  if (patterns.length > 0) double.unshift('targets');
  if (double.length > 0) {
    throw usageError(`--plan says ${double.join(', ')} already`, {
      expected: '--plan without them',
      hint: 'make another plan for other targets or another config',
    });
  }
  const plan = parsePlan(readText(file), file);
  const { targets, ...kept } = plan.options as Given & { targets: string[] };
  const here = dirname(resolve(file));
  const paths = PATHS.flatMap((name) =>
    kept[name] === undefined ? [] : [[name, resolve(here, kept[name] as string)] as const],
  );
  return { plan, patterns: targets, options: { ...options, ...kept, ...Object.fromEntries(paths) } };
}

/** Refuses a run if anything changed since its plan was made; else returns the check of each target while it runs. */
export async function requireUnchanged(
  plan: PlanFile,
  { graph, store, study }: Session,
  targets: ReadonlySet<string>,
  force: ReadonlySet<string>,
  watch?: HashWatch,
): Promise<NonNullable<RunOptions['enforcePlan']>> {
  const decider = new Decider(graph, store, force, study, watch);
  await decider.prepare(targets);
  const resolved = await resolveAll(decider, graph, targets);
  const changes = await changesSince(plan, graph, decider, resolved);
  if (changes.length > 0) throw brokenPlan(changes);
  return (target, now) => enforcePlan(plan, decider, target, now);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw dataError(`cannot read the plan ${basename(file)}: ${(error as Error).message}`, { where: file });
  }
}
