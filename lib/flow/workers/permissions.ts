/**
 * Permissions of a process that runs one action: flags of Node's permission model. The process may read the action's inputs,
 * its code, the framework and the installed packages, and may write to its scratch folder. Child processes, the inspector
 * and WASI are denied. Node 24 cannot deny the network (25 can).
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownConditions } from '../code/node-options.ts';
import type { TaskCode } from './executor.ts';
import { inputsOfTask, type Task } from './task.ts';

/** Path of lib/, which contains only code. */
const FRAMEWORK = fileURLToPath(new URL('../..', import.meta.url));

/** Node flags of the process that runs a task. */
export function permissionsOf(task: Task, code: TaskCode): string[] {
  const inputs = inputsOfTask(task);
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
  // Suppress Node's warnings about these flags: the permission model guards against mistakes, not against attacks.
  return [...flags, '--disable-warning=SecurityWarning', '--disable-warning=ExperimentalWarning'];
}

/** Environment of the process that runs a task: only the variables that its code reads, whose values are part of the key. */
export function environmentOf({ variables }: TaskCode): Record<string, string> {
  return Object.fromEntries(
    variables.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Whether a task's code includes native addons. */
function hasAddon({ files, folders }: TaskCode): boolean {
  const inside = folders.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }));
  return [...files, ...inside].some((file) => file.endsWith('.node'));
}

/** Adds the real paths of links, because the permission model checks both. */
function withTargets(paths: readonly string[]): string[] {
  return paths.flatMap((path) => [path, realpathSync(path)]);
}

/** Paths of all node_modules and package.json that Node looks at for imports from a folder. */
function packagesAround(from: string): string[] {
  const found: string[] = [];
  for (let folder = from; ; folder = dirname(folder)) {
    found.push(join(folder, 'package.json'), ...[join(folder, 'node_modules')].filter((f) => existsSync(f)));
    if (dirname(folder) === folder) return found;
  }
}
