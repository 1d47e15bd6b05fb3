/** Files that an action may read: its inputs, its code, its scratch folder, the framework and the system. */
import { realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FRAMEWORK_FOLDERS } from '../code/framework.ts';
import type { TaskCode } from './executor.ts';
import { inputsOfTask, type ReadableFiles, type Task } from './task.ts';

/** Folders of the framework; those of its packages are added as it imports them, wherever they are installed. */
const framework = new Set(FRAMEWORK_FOLDERS.flatMap((folder) => [folder, realOf(folder)]));

/** Counts the package of a file to the framework: code of the framework imports it. */
export function trustPackageOf(file: string): void {
  const [, folder] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
  if (folder !== undefined) framework.add(folder);
}

/** Whether a file belongs to the framework or to a package that it imports. */
export const isOfFramework = (file: string): boolean => [...framework].some((folder) => isIn(file, folder));

/** Folders of the system, which no key knows and no result depends on. */
const SYSTEM = [
  '/dev',
  '/etc',
  '/proc',
  '/sys',
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib64',
  '/opt',
  '/var/lib',
];

/** Files that Node and packages look for to find out where they are; they decide nothing that identities do not know. */
const isProbe = (path: string) => /(^|\/)(package\.json|node_modules|package-lock\.json|\.git)$/.test(path);

/** Paths that belong to the code of a task, by its file and code identity: the same for all tasks of an instance. */
const ofCode = new Map<string, ReadableFiles>();

/** Paths that a task may read. */
export function readableFiles(task: Task, code: () => TaskCode): ReadableFiles {
  const key = `${task.module} ${task.code.join(' ')} ${task.identity}`;
  let own = ofCode.get(key);
  if (own === undefined) {
    own = readableCode(task, code());
    ofCode.set(key, own);
  }
  // Objects of the store are no links; files of the user's may be.
  const paths = inputsOfTask(task).flatMap(({ kind, path, links = [] }) =>
    kind === 'file' || kind === 'folder' ? [path, realOf(path), ...links] : [path],
  );
  return { ...own, whole: [...own.whole, task.scratch, ...paths] };
}

function readableCode(task: Task, { files, folders, absent }: TaskCode): ReadableFiles {
  const links = (path: string) => [path, realOf(path)];
  const own = [...files, fileURLToPath(task.module), ...task.code].filter((file) => !isOfFramework(file));
  return { code: [...new Set(own.flatMap(links))], whole: [...new Set(folders.flatMap(links))], absent };
}

/** Decides about paths that an action reads. Relative ones count from the working directory. */
export class KnownFiles {
  readonly #code: ReadonlySet<string>;
  readonly #absent: ReadonlySet<string>;
  readonly #whole: readonly string[];
  /** Files and folders that the action made itself. */
  readonly #made = new Set<string>();

  constructor({ code, whole, absent }: ReadableFiles) {
    this.#code = new Set(code.map((path) => resolve(path)));
    this.#absent = new Set(absent.map((path) => resolve(path)));
    this.#whole = whole.map((path) => resolve(path));
  }

  /** Notes a file or folder that the action writes: it may read it too. */
  made(path: string): void {
    this.#made.add(resolve(path));
  }

  /** Whether a key knows the content of a file or folder, or the system has it. */
  mayRead(path: string): boolean {
    const full = resolve(path);
    return isProbe(full) || this.#isKnown(full) || this.#isKnown(realOf(full));
  }

  /** Whether a file is code that was followed: code in a folder of data was not, though its bytes are known. */
  mayRun(path: string): boolean {
    const full = resolve(path);
    return [full, realOf(full)].some((file) => this.#code.has(file) || isOfFramework(file));
  }

  #isKnown(path: string): boolean {
    if (this.#code.has(path) || this.#absent.has(path)) return true;
    const isBelow = (folder: string) => isIn(path, folder);
    if (isOfFramework(path) || SYSTEM.some(isBelow) || [...this.#made].some(isBelow)) return true;
    // Packages inside of a package are packages of their own.
    return this.#whole.some(
      (folder) => isBelow(folder) && !path.slice(folder.length).includes(`${sep}node_modules${sep}`),
    );
  }
}

/** Whether an absolute path without `..` lies in a folder, or is it. */
function isIn(path: string, folder: string): boolean {
  return path.startsWith(folder) && (path.length === folder.length || path[folder.length] === sep);
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // it is not there
  }
}
