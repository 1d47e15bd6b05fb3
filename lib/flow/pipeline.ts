/**
 * The front door: stages put together, and everything that is asked of them in one call each. What it does stands in the
 * rooms behind it: graph/, decide/, store/, run/.
 */
import { existsSync, realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { configError, usageError } from '../errors.ts';
import { decide } from './decide/decide-all.ts';
import type { Decision } from './decide/decision.ts';
import { problemsOf as problemsOfStage } from './graph/answers.ts';
import { type ConfigShape, composeConfig, parseConfig } from './graph/compose-config.ts';
import { checkStages } from './graph/declarations.ts';
import { buildGraph } from './graph/graph.ts';
import { matchTargets, selectTargets } from './graph/select.ts';
import { type Graph, targetId } from './graph/target.ts';
import { run } from './run/run.ts';
import { firstError, type RunOptions, type RunResult } from './run/run-options.ts';
import type { ConfigProblem, PartInputs, Stage } from './stage.ts';
import { openStore, type Store } from './store/store.ts';

/** The config that a pipeline of these stages takes: the keys that they own; defaults may be left out. */
export type PipelineConfig<S extends readonly Stage[]> =
  ConfigShape<S> extends infer Shape extends z.ZodRawShape ? z.input<z.ZodObject<Shape>> : object;

/** The config of a graph, and what else it depends on besides the stages. */
export interface GraphOptions<S extends readonly Stage[]> {
  /** Unchecked: the schemas of the stages check it, and fill in defaults. */
  readonly config: PipelineConfig<S>;
  /** Of all that is drawn at random: a whole number from 0 to 2³² − 1. Default: 0. */
  readonly seed?: number;
  /** The folder from which relative paths count. Default: where the process runs. */
  readonly root?: string;
}

/** A choice of targets, and the store in which they are looked up. */
export interface PlanOptions<S extends readonly Stage[]> extends GraphOptions<S> {
  /** The folder of the store, or a store that is open. */
  readonly store: string | Store;
  /** Targets, as `selectTargets` takes them: `map`, `map[one]`, `map[one]+`. Default: all. */
  readonly targets?: readonly string[];
  /** Targets or stages that are taken as not up to date. */
  readonly force?: readonly string[];
}

/** The options of `run` of the framework, with defaults. */
export interface PipelineRunOptions<S extends readonly Stage[]>
  extends PlanOptions<S>,
    Partial<Omit<RunOptions, 'targets' | 'force' | 'id'>> {
  /** What the outputs are shown under in the store: `studies/<name>/latest`. Default: `unnamed`. */
  readonly name?: string;
}

/** The outcome of a run. A failure of a stage is part of it and not thrown: see `outcome`, `failed` and `firstError`. */
export interface PipelineResult<S extends readonly Stage[]> extends RunResult {
  /**
   * A published output of a target, to be read. Throws the run's first error if it is not done, and a usage error for an
   * output that has no published name, or that its stage left unwritten.
   */
  output<T extends S[number], O extends keyof T['outputs'] & string>(
    stage: T,
    slot: O,
    instance?: string,
  ): PartInputs<T['outputs']>[O];
}

/** Stages that make one graph under one config. */
export interface Pipeline<S extends readonly Stage[]> {
  readonly stages: S;
  /** The schema of the config: the keys of all stages, and no others. */
  readonly schema: z.ZodObject;
  /** The problems of a config, those of the schema and those that the stages' own checks see. Empty: it can be run. */
  check(config: unknown): readonly ConfigProblem[];
  /** Throws a config error for a config that has problems, and for declarations that make no graph. */
  graph(options: GraphOptions<S>): Graph;
  /** The ids of all targets, in topological order. Errors: as `graph`. */
  targets(options: GraphOptions<S>): readonly string[];
  /** The state of the targets, and why: what `run` would do. Writes nothing. Errors: as `graph`, and for unknown targets. */
  plan(options: PlanOptions<S>): Promise<readonly Decision[]>;
  /**
   * Brings the targets up to date. Errors: as `plan`, and store errors for a store that cannot be used; `drain` and `kill`
   * are the signals that end it.
   */
  run(options: PipelineRunOptions<S>): Promise<PipelineResult<S>>;
}

/**
 * Puts stages together. Throws a config error, with the file and line of the stage, for what is no stage, for two stages of
 * one name or with one key of the config, and for names that cannot be referred to.
 */
export function pipeline<const S extends readonly Stage[]>(stages: S): Pipeline<S> {
  checkStages(stages);
  const schema = composeConfig(stages);

  const graph = ({ config, seed = 0, root = process.cwd() }: GraphOptions<S>): Graph => {
    const problems = problemsOf(stages, schema, config);
    if (problems.length > 0) throw invalid(problems);
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
      throw usageError(`the seed is ${seed}`, { expected: 'a whole number from 0 to 4294967295' });
    return buildGraph(stages, parseConfig(stages, schema, config).data, { seed, root: resolve(root) });
  };
  const prepare = (options: PlanOptions<S>) => {
    const built = graph(options);
    const { store, targets = [], force = [] } = options;
    return {
      graph: built,
      store: typeof store === 'string' ? openStore(resolve(built.root, store)) : store,
      targets: selectTargets(built, targets),
      force: new Set(force.flatMap((name) => matchTargets(built, name))),
    };
  };

  return {
    stages,
    schema,
    check: (config) => problemsOf(stages, schema, config),
    graph,
    targets: (options) => [...graph(options).targets.keys()],
    async plan(options) {
      const { graph, store, targets, force } = prepare(options);
      return decide(graph, store, { targets, force, study: undefined });
    },
    async run(options) {
      const { graph, store, targets, force } = prepare(options);
      const { workers = availableParallelism(), onEvent = () => {}, name } = options;
      const id = name === undefined ? undefined : { name };
      const result = await run(graph, store, { ...options, targets, force, workers, onEvent, id });
      // Of this run, whatever later ones show.
      const folder = result.outputs === undefined ? undefined : realpathSync(result.outputs.folder);
      return {
        ...result,
        output: (stage, slot, instance = '') => published(graph, result, folder, stage, slot, instance),
      };
    },
  };
}

function problemsOf(stages: readonly Stage[], schema: z.ZodObject, config: unknown): ConfigProblem[] {
  const parsed = parseConfig(stages, schema, config);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => ({
      path: path.map((key) => (typeof key === 'number' ? key : String(key))),
      message,
    }));
  return stages.flatMap((stage) => problemsOfStage(stage, parsed.data));
}

function invalid(problems: readonly ConfigProblem[]) {
  const lines = problems.map(({ path, message, known }) => {
    const expected = known === undefined ? '' : ` (known: ${known.join(', ')})`;
    return `${path.length === 0 ? 'the config' : path.join('.')}: ${message}${expected}`;
  });
  return configError(`the config cannot be used: ${lines.join('; ')}`, {
    expected: 'a config that fits the schemas of the stages',
  });
}

function published<T extends Stage, O extends string>(
  graph: Graph,
  result: RunResult,
  folder: string | undefined,
  stage: T,
  slot: O,
  instance: string,
): PartInputs<T['outputs']>[O] {
  const id = targetId(stage.name, instance);
  const target = graph.targets.get(id);
  if (target === undefined)
    throw usageError(`the pipeline has no target ${id}`, { expected: [...graph.targets.keys()].join(', ') });
  if (folder === undefined)
    throw firstError(result) ?? usageError(`the run was ${result.outcome}: it has no outputs`);
  const name = target.publish.find((one) => one.slot === slot)?.name;
  if (name === undefined)
    throw usageError(`${id} publishes no output ${slot}`, {
      expected: `one of ${target.publish.map((one) => one.slot).join(', ') || 'none'}`,
      hint: `give it a name: output(kind, { publish: '…' })`,
    });
  if (!existsSync(join(folder, name)))
    throw usageError(`${id}.${slot} is not among the outputs of the run`, {
      where: folder,
      hint: 'it was not among the targets, or the stage left it unwritten',
    });
  return stage.outputs[slot].kind.input(join(folder, name));
}
