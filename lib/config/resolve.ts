/** Config that a command works with: file and options together, checked, with every default filled in. */
import { realpathSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { isOperational, usageError } from '../errors.ts';
import { isFramework } from '../flow/code/framework.ts';
import { problemsFrom, problemsOf } from '../flow/graph/answers.ts';
import { ofKey, parseConfig } from '../flow/graph/compose-config.ts';
import { checkStages } from '../flow/graph/declarations.ts';
import { fileOf } from '../flow/graph/place.ts';
import type { ConfigProblem, Stage } from '../flow/stage.ts';
import { chooseEntries } from './choose.ts';
import { explainCheck, explainIssues, type Problem } from './issues.ts';
import { type ConfigFile, loadConfigFile } from './load.ts';
import {
  applyOverrides,
  type DatasetOptions,
  datasetOverrides,
  type Override,
  parseSet,
  requireFileFor,
} from './overrides.ts';
import { loadOwnStages } from './own-stages.ts';
import { startsWith, valueAt } from './path.ts';
import { plainCopy } from './plain.ts';
import type { Provenance } from './provenance.ts';
import { withNewKey, withNewKeys } from './renamed-keys.ts';
import { InvalidConfigError } from './report.ts';
import { composeSchema } from './schema.ts';
import { unusableNames } from './unusable-names.ts';

export interface ConfigOptions extends DatasetOptions {
  /** Folder where the command runs. */
  readonly cwd: string;
  /** Path from `--config`. */
  readonly config?: string;
  /** Config file that was read already, used instead of `config`. */
  readonly file?: ConfigFile;
  /** Whether `--fitted` is set: the config was found by the name of `--data`, and must read that file. */
  readonly fitted?: boolean;
  /** Assignments from `--set`, each `path=value`. */
  readonly set?: readonly string[];
  /** Names from `--encodings`: the encodings to keep. */
  readonly encodings?: readonly string[];
  /** Former names of keys → their names now. */
  readonly renamed?: Readonly<Record<string, string>>;
}

export interface ResolvedConfig {
  readonly file: ConfigFile;
  /** The folder of the config file; relative paths in the config count from here. */
  readonly root: string;
  /** Given stages, followed by those of the user's own that the config names. */
  readonly stages: readonly Stage[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** Origins of values. Looks into the file's text only when called. */
  provenance(): Promise<Provenance>;
}

/**
 * Resolves the config of a command. Throws config and usage errors; `InvalidConfigError` with all problems that schema
 * and checks find.
 */
export async function resolveConfig(
  stages: readonly Stage[],
  options: ConfigOptions,
): Promise<ResolvedConfig> {
  const { renamed = {} } = options;
  const found = options.file ?? (await loadConfigFile(options.cwd, options.config));
  const file = { ...found, value: withNewKeys(plainCopy(found.value, found.name), renamed) };
  const root = dirname(file.path);
  const data = options.data === undefined ? undefined : relativeTo(root, options.cwd, options.data);
  if (options.fitted === true && options.data !== undefined) {
    requireFitted(file, root, resolve(options.cwd, options.data));
  }
  const overrides: Override[] = [
    ...datasetOverrides(file.value, { ...options, data }),
    ...(options.set ?? []).map(parseSet).map((set) => ({ ...set, path: withNewKey(set.path, renamed) })),
  ];
  const merged = applyOverrides(file.value, overrides, file.name);
  requireFileFor(options, merged);
  const provenance = async () => (await import('./provenance.ts')).Provenance.of(file, overrides, merged);
  const own = await loadOwnStages(merged, { root, cwd: options.cwd });
  const all = [...stages, ...own.stages];
  checkStages(all);
  // The keys of a stage that failed to load would all be reported as unknown.
  const checked = own.problems.length > 0 ? own : checkConfig(all, merged, options);
  if (checked.problems.length > 0) {
    const places = await provenance();
    const placed = checked.problems.map((p) => ({ ...p, place: places.placeOf(p.path, p.at) }));
    throw new InvalidConfigError(placed, file.name);
  }
  const { config } = checked as ReturnType<typeof checkConfig>;
  return { file, root, stages: all, config, seed: config.seed as number, provenance };
}

/**
 * Refuses a config that was found by the name of some data but reads other data: its columns and limits fit the other
 * data.
 */
function requireFitted(file: ConfigFile, root: string, data: string): void {
  const source = valueAt(file.value, ['dataset', 'source']);
  const own = typeof source === 'string' && source !== 'simulated' ? resolve(root, source) : undefined;
  if (own !== undefined && isSameFile(own, data)) return;
  throw usageError(`${file.name} is the config of other data than ${data}`, {
    expected: `a config whose dataset.source is that file; this one reads ${own ?? 'no file'}`,
    where: file.name,
    hint: 'Name another config: make all DATA=… CONFIG=NAME.config.ts, after: rankloom init NAME.config.ts --from FILE. If the data were moved, change dataset.source.',
  });
}

function isSameFile(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return a === b; // a missing file is refused where it is read
  }
}

/**
 * Converts a path from the command line, which counts from where the command runs, to one that counts from the config's
 * folder; a path outside that folder becomes absolute.
 */
function relativeTo(root: string, cwd: string, path: string): string {
  const absolute = resolve(cwd, path);
  const inside = relative(root, absolute);
  return inside.startsWith('..') ? absolute : inside;
}

/**
 * Checks a config, or the chosen part of it: returns all problems, those of the schema and those of the stages' own
 * checks.
 */
export function checkConfig(
  stages: readonly Stage[],
  value: unknown,
  { encodings: chosen, renamed }: Pick<ConfigOptions, 'encodings' | 'renamed'> = {},
): { config: Record<string, unknown>; problems: Problem[] } {
  const unusable = unusableNames(value);
  if (unusable.length > 0) return { config: {}, problems: unusable };
  const schema = composeSchema(stages);
  const result = parseConfig(stages, schema, value);
  if (result.success) {
    const config =
      chosen === undefined ? result.data : chooseEntries(stages, result.data, 'encodings', chosen);
    requireKept(stages, config);
    const { problems } = runChecks(stages, config, value);
    return { config, problems };
  }
  const problems = result.error.issues.flatMap((issue) => {
    const explained = () => explainIssues([issue], schema, value, renamed);
    const key = String(issue.path[0]);
    const owner = stages.find(({ config }) => Object.hasOwn(config ?? {}, key));
    return owner === undefined ? explained() : ofKey(owner, key, explained);
  });
  if (typeof value !== 'object' || value === null) return { config: {}, problems };
  // The checks run on what can be read, so that all problems show up at once; a part that its schema refuses
  // stands in as it was written, for its names, and is not checked itself.
  const partial: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(schema.shape)) {
    const given = (value as Record<string, unknown>)[key];
    const parsed = (part as { safeParse(v: unknown): { success: boolean; data?: unknown } }).safeParse(given);
    partial[key] = parsed.success ? parsed.data : given;
  }
  const checks = runChecks(stages, partial, value, problems);
  return { config: partial, problems: [...problems, ...checks.problems] };
}

/** Refuses values of the keys of the user's own stages that threads cannot be sent, or that the record of a run cannot hold. */
function requireKept(stages: readonly Stage[], config: Readonly<Record<string, unknown>>): void {
  for (const stage of stages) {
    if (isFramework(fileOf(stage))) continue;
    for (const key of Object.keys(stage.config ?? {})) {
      ofKey(stage, key, () => structuredClone(config[key]));
      ofKey(stage, key, () => JSON.stringify(config[key]));
    }
  }
}

/** Adds to a problem that its key is at its default: users who replaced one part of the defaults never wrote that line. */
function aboutDefault(problem: ConfigProblem, written: unknown): ConfigProblem {
  const key = problem.path[0];
  if (typeof written !== 'object' || written === null || key === undefined || Object.hasOwn(written, key))
    return problem;
  return { ...problem, message: `${problem.message} ("${key}" is at its default: set it too)` };
}

function runChecks(
  stages: readonly Stage[],
  config: unknown,
  written: unknown,
  refused: readonly Problem[] = [],
): { problems: Problem[] } {
  const problems: Problem[] = [];
  for (const stage of stages) {
    try {
      const found = refused.length > 0 ? problemsFrom(stage, config) : problemsOf(stage, config);
      for (const problem of found) {
        const isKnown = refused.some(
          (p) => startsWith(p.path, problem.path) || startsWith(problem.path, p.path),
        );
        if (!isKnown) problems.push(explainCheck(aboutDefault(problem, written), written));
      }
    } catch (error) {
      // A check of a config that the schema refused may fail on unexpected values.
      if (refused.length === 0 || isOperational(error)) throw error;
    }
  }
  return { problems };
}
