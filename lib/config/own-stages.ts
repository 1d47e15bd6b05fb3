/** Stages of the user's own: files that the config names by `stages`. They join the program's own stages. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { configError } from '../errors.ts';
import { importStage } from '../flow/code/import-stage.ts';
import { stageProblem } from '../flow/graph/stage-shape.ts';
import type { Stage } from '../flow/stage.ts';
import type { Problem } from './issues.ts';
import { importError, shownName } from './load.ts';
import { stageImports } from './modules.ts';
import { whileItRuns } from './own-code.ts';

const EXPORT = "export default defineStage({ module: import.meta.url, name: '…', … }), from 'rankloom'";

/**
 * Imports the files that `stages` of a config names, in their order. Paths that name no file of code are problems of the
 * config, reported all at once. Throws a config error for a file that fails as it is imported, has no default export, or
 * exports no stage. A `stages` that is no list of texts is left to the schema.
 *
 * @param root the folder from which relative paths count
 * @param cwd where the command runs: names of files are shown as seen from there
 */
export async function loadOwnStages(
  config: unknown,
  { root, cwd }: { readonly root: string; readonly cwd: string },
): Promise<{ readonly stages: readonly Stage[]; readonly problems: readonly Problem[] }> {
  const given = (config as { stages?: unknown } | null | undefined)?.stages;
  const named = Array.isArray(given) && given.every((path) => typeof path === 'string') ? given : [];
  const problems = named.flatMap((path, i) => problemOf(path, i, named, root));
  if (problems.length > 0) return { stages: [], problems };
  const stages: Stage[] = [];
  for (const path of named) stages.push(await loadStage(resolve(root, path), cwd));
  return { stages, problems };
}

function problemOf(path: string, index: number, all: readonly string[], root: string): Problem[] {
  const is = (message: string, expected?: string): Problem[] => [
    { path: ['stages', index], at: 'value', message, expected },
  ];
  const shown = JSON.stringify(path);
  if (path.includes('\0') || !/\.m?[jt]s$/.test(path))
    return is(`${shown} is no file with a stage`, 'a path that ends in .ts, .mts, .js or .mjs');
  if (all.findIndex((one) => resolve(root, one) === resolve(root, path)) < index)
    return is(`${shown} is named twice`);
  let stat: ReturnType<typeof statSync> | undefined;
  try {
    stat = statSync(resolve(root, path), { throwIfNoEntry: false });
  } catch (error) {
    return is(`the file of a stage ${shown} cannot be read: ${(error as Error).message}`);
  }
  if (stat === undefined)
    return is(`there is no file ${shown} with a stage`, `a file; its path counts from ${root}`);
  return stat.isFile()
    ? []
    : is(`${shown} is no file, but a folder or something else`, 'a file with a stage');
}

async function loadStage(given: string, cwd: string): Promise<Stage> {
  const name = shownName(cwd, given);
  // Without links, as Node knows the module.
  const path = realpathSync(given);
  const url = pathToFileURL(path).href;
  const imports = stageImports();
  let stage: Stage | undefined;
  let problem: string | undefined;
  try {
    const loaded = await whileItRuns(path, name, () => importStage(url, imports));
    const value = loaded.default as Stage | undefined;
    // A copy, looked at once: a getter may throw, or say something else each time.
    stage = typeof value === 'object' && value !== null ? { ...value, imports } : value;
    problem = stage === undefined ? undefined : stageProblem(stage);
  } catch (error) {
    throw await importError(error, path, name, readFileSync(path, 'utf8'));
  }
  if (stage === undefined)
    throw configError(`${name} has no default export`, { expected: EXPORT, where: path });
  if (problem !== undefined)
    throw configError(`the default export of ${name} is not a stage: ${problem}`, {
      expected: EXPORT,
      where: path,
    });
  if (stage.module !== url)
    throw configError(`the stage of ${name} says that it is another module: ${stage.module}`, {
      expected: 'module: import.meta.url, in the file that the config names',
      where: path,
    });
  return stage;
}
