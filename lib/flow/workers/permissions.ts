/**
 * What a process may do that runs one action and nothing else: flags of Node's permission model. Readable are the
 * action's inputs, its code, the framework and the installed packages; writable is its own folder. Child processes,
 * the inspector and WASI are refused. Node 24 cannot refuse the network (25 can).
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownConditions } from '../code/node-options.ts';
import type { TaskCode } from './executor.ts';
import type { Task } from './task.ts';

/** lib/, which holds code and nothing else. */
const FRAMEWORK = fileURLToPath(new URL('../..', import.meta.url));

/** The flags of the process that runs a task. */
export function permissionsOf(task: Task, code: TaskCode): string[] {
  const inputs = [
    ...Object.values(task.inputs).flat(),
    ...task.rounds.flat().flatMap((p) => Object.values(p)),
  ];
  const own = withTargets([fileURLToPath(task.module), ...task.code]);
  const reads = new Set([
    task.scratch,
    ...withTargets(inputs.map(({ path }) => path)),
    ...inputs.flatMap(({ links }) => links ?? []),
    ...own,
    ...code.files,
    ...code.folders,
    ...code.absent,
  ]);
  for (const folder of new Set([FRAMEWORK, ...own, ...code.files].map((file) => dirname(file)))) {
    for (const found of packagesAround(folder)) reads.add(found);
  }
  reads.add(FRAMEWORK);
  const flags = ['--permission', ...[...reads].map((path) => `--allow-fs-read=${path}`)];
  flags.push(`--allow-fs-write=${task.scratch}`);
  if (task.mayStartThreads) flags.push('--allow-worker');
  if (hasAddon(code)) flags.push('--allow-addons');
  flags.push(...ownConditions().map((condition) => `--conditions=${condition}`));
  // Node warns of these two: they are seat belts, as the whole model is, and no walls.
  return [...flags, '--disable-warning=SecurityWarning', '--disable-warning=ExperimentalWarning'];
}

/** The environment of such a process: what its code says that it reads, which its key knows, and nothing else. */
export function environmentOf({ variables }: TaskCode): Record<string, string> {
  return Object.fromEntries(
    variables.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Whether native addons are among a task's code. */
function hasAddon({ files, folders }: TaskCode): boolean {
  const inside = folders.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }));
  return [...files, ...inside].some((file) => file.endsWith('.node'));
}

/** A link is named with what it leads to: the model looks at either. */
function withTargets(paths: readonly string[]): string[] {
  return paths.flatMap((path) => [path, realpathSync(path)]);
}

/** All node_modules and package.json that Node looks at for imports from a folder. */
function packagesAround(from: string): string[] {
  const found: string[] = [];
  for (let folder = from; ; folder = dirname(folder)) {
    found.push(join(folder, 'package.json'), ...[join(folder, 'node_modules')].filter((f) => existsSync(f)));
    if (dirname(folder) === folder) return found;
  }
}
