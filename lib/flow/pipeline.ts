/**
 * High-level API: combines stages into a pipeline, with one function per operation on it. The implementation is in graph/,
 * decide/, store/ and run/.
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

/** Config of a pipeline of these stages: the keys that they own. Keys with defaults may be omitted. */
export type PipelineConfig<S extends readonly Stage[]> =
  ConfigShape<S> extends infer Shape extends z.ZodRawShape ? z.input<z.ZodObject<Shape>> : object;

/** Config, seed and root folder of a graph. */
export interface GraphOptions<S extends readonly Stage[]> {
  /** Unchecked config: the schemas of the stages check it and fill in defaults. */
  readonly config: PipelineConfig<S>;
  /** Seed of all random numbers: an integer from 0 to 2³² − 1. Default: 0. */
  readonly seed?: number;
  /** Folder that relative paths are resolved against. Default: the current working directory. */
  readonly root?: string;
}

/** Selected targets, and the store in which they are looked up. */
export interface PlanOptions<S extends readonly Stage[]> extends GraphOptions<S> {
  /** Folder of the store, or an open store. */
  readonly store: string | Store;
  /** Target patterns, see `selectTargets`: `map`, `map[one]`, `map[one]+`. Default: all targets. */
  readonly targets?: readonly string[];
  /** Targets or stages that are treated as out of date. */
  readonly force?: readonly string[];
}

/** Options of a run, with defaults; see `RunOptions`. */
export interface PipelineRunOptions<S extends readonly Stage[]>
  extends PlanOptions<S>,
    Partial<Omit<RunOptions, 'targets' | 'force' | 'id'>> {
  /** Name under which the store publishes the outputs: `studies/<name>/latest`. Default: `unnamed`. */
  readonly name?: string;
}

/** Result of a run. A failure of a stage is part of it and is not thrown: see `outcome`, `failed` and `firstError`. */
export interface PipelineResult<S extends readonly Stage[]> extends RunResult {
  /**
   * Opens a published output of a target for reading. Throws the run's first error if the run is not done, and a usage error
   * for an unknown target, an output without a published name, or one that its stage did not write.
   */
  output<T extends S[number], O extends keyof T['outputs'] & string>(
    stage: T,
    slot: O,
    instance?: string,
  ): PartInputs<T['outputs']>[O];
}

/** Stages that form one graph under one config. */
export interface Pipeline<S extends readonly Stage[]> {
  readonly stages: S;
  /** Schema of the config: the keys of all stages, and no others. */
  readonly schema: z.ZodObject;
  /** Lists the problems of a config, from the schema and from the stages' own checks. Empty if the config is valid. */
  check(config: unknown): readonly ConfigProblem[];
  /** Builds the graph. Throws a config error for an invalid config or inconsistent declarations. */
  graph(options: GraphOptions<S>): Graph;
  /** Ids of all targets, in topological order. Throws like `graph`. */
  targets(options: GraphOptions<S>): readonly string[];
  /**
   * Decides the targets without running them: their states, with causes. Writes nothing. Throws like `graph`, and a usage
   * error for unknown targets.
   */
  plan(options: PlanOptions<S>): Promise<readonly Decision[]>;
  /**
   * Brings the targets up to date. Throws like `plan`, and a store error for an unusable store. The signals `drain` and
   * `kill` end the run.
   */
  run(options: PipelineRunOptions<S>): Promise<PipelineResult<S>>;
}

/**
 * Combines stages into a pipeline. Throws a config error, with the file and line of the stage, for a value that is no stage,
 * for two stages with the same name or the same config key, and for invalid names.
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
      // Resolve the link now: later runs move it.
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
