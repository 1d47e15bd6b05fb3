/** The config that a command works with: file and options together, checked, with every default filled in. */
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
  /** Where the command runs. */
  readonly cwd: string;
  /** `--config`. */
  readonly config?: string;
  /** In its place a file that was read already. */
  readonly file?: ConfigFile;
  /** `--fitted`: the config was found by the name of `--data`, and must read them. */
  readonly fitted?: boolean;
  /** `--set`, each `path=value`. */
  readonly set?: readonly string[];
  /** `--encodings`: the names of those to keep. */
  readonly encodings?: readonly string[];
  /** Names that keys had before → their names now. */
  readonly renamed?: Readonly<Record<string, string>>;
}

export interface ResolvedConfig {
  readonly file: ConfigFile;
  /** The folder of the config file; relative paths in the config count from here. */
  readonly root: string;
  /** The stages that were given, and after them those of the user's own that the config names. */
  readonly stages: readonly Stage[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** Where values come from. Looks into the file's text only when asked. */
  provenance(): Promise<Provenance>;
}

/** Throws config and usage errors; `InvalidConfigError` with all problems that schema and checks find. */
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
  // The keys of a stage that is not there would all be told as unknown.
  const checked = own.problems.length > 0 ? own : checkConfig(all, merged, options);
  if (checked.problems.length > 0) {
    const places = await provenance();
    const placed = checked.problems.map((p) => ({ ...p, place: places.placeOf(p.path, p.at) }));
    throw new InvalidConfigError(placed, file.name);
  }
  const { config } = checked as ReturnType<typeof checkConfig>;
  return { file, root, stages: all, config, seed: config.seed as number, provenance };
}

/** Refuses a config that was found by the name of some data and reads others: its columns and limits fit those. */
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
    return a === b; // one that is not there is refused where it is read
  }
}

/** A path on the command line counts from where the command runs, one in a config from the config's folder. */
function relativeTo(root: string, cwd: string, path: string): string {
  const absolute = resolve(cwd, path);
  const inside = relative(root, absolute);
  return inside.startsWith('..') ? absolute : inside;
}

/** All problems of a config, or of what of it was chosen: those of the schema and those that the stages' own checks see. */
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

/** Whoever replaced one part of the defaults may be told about a line that they never wrote: then say so. */
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
      // A check of a config that the schema refused may meet what it cannot expect.
      if (refused.length === 0 || isOperational(error)) throw error;
    }
  }
  return { problems };
}
