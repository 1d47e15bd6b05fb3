/**
 * What a process may do that runs one action and nothing else: flags of Node's permission model. Readable are the
 * action's inputs, its code, the framework and the installed packages; writable is its own folder. Child processes,
 * the inspector and WASI are refused. Node 24 cannot refuse the network (25 can).
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TaskCode } from './pool.ts';
import type { Task } from './task.ts';

/** lib/, which holds code and nothing else. */
const FRAMEWORK = fileURLToPath(new URL('..', import.meta.url));

export function rightsOf(task: Task, code: TaskCode, needsThreads: boolean): string[] {
  const inputs = [
    ...Object.values(task.inputs).flat(),
    ...task.rounds.flat().flatMap((p) => Object.values(p)),
  ];
  const own = [fileURLToPath(task.module), ...task.code];
  const reads = new Set([
    task.scratch,
    ...withTargets(inputs.map(({ path }) => path)),
    ...own,
    ...code.files,
  ]);
  for (const file of [FRAMEWORK, ...own]) {
    for (const found of packagesAround(file)) reads.add(found);
  }
  reads.add(FRAMEWORK);
  const flags = ['--permission', ...[...reads].map((path) => `--allow-fs-read=${path}`)];
  flags.push(`--allow-fs-write=${task.scratch}`);
  if (needsThreads) flags.push('--allow-worker');
  if (hasAddon(code, own)) flags.push('--allow-addons');
  // Node warns of the last two: they are seat belts, as the whole model is, and no walls.
  return [...flags, '--disable-warning=SecurityWarning', '--disable-warning=ExperimentalWarning'];
}

/** A link is named with what it leads to: the model looks at either. */
function withTargets(paths: readonly string[]): string[] {
  return paths.flatMap((path) => [path, realpathSync(path)]);
}

/** All node_modules and package.json that Node looks at for imports from here. */
function packagesAround(file: string): string[] {
  const found: string[] = [];
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    found.push(join(folder, 'package.json'), ...[join(folder, 'node_modules')].filter((f) => existsSync(f)));
    if (dirname(folder) === folder) return found;
  }
}

/** Whether a package of the stage is a native addon, as those are that come for one platform each. */
function hasAddon({ packages }: TaskCode, own: readonly string[]): boolean {
  const roots = own
    .flatMap((file) => packagesAround(file).filter((f) => f.endsWith('node_modules')))
    .map(dirname);
  return packages.some((name) =>
    roots.some((root) => {
      const folder = join(root, name.slice('npm:'.length));
      return existsSync(folder) && readdirSync(folder).some((file) => file.endsWith('.node'));
    }),
  );
}
