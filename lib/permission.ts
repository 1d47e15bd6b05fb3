/** Messages for operations denied for lack of permission: the owner of the file or folder, and advice. */
import { accessSync, constants, lstatSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Whether a system error means a lack of permission. */
function isDenied(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException)?.code ?? '');
}

/**
 * Explains a permission error: finds the file or folder that denies access, which is the named one or a parent folder that
 * may not be entered or changed. Undefined for any other error, or one without a path.
 *
 * @param doing the operation, as a verb, if the name of the system call does not tell
 */
export function denied(
  error: unknown,
  doing?: string,
): { message: string; where: string; hint: string } | undefined {
  const { path, dest, syscall } = error as NodeJS.ErrnoException & { dest?: string };
  if (!isDenied(error) || typeof path !== 'string') return undefined;
  const names = [path, ...(typeof dest === 'string' ? [dest] : [])].map((name) => resolve(name));
  const folder = names.map((name) => closedFolder(name, syscall)).find((found) => found !== undefined);
  const kept = CHANGES_FOLDER.has(syscall ?? '') ? names.find((name) => !mayRemove(name)) : undefined;
  const culprit = folder ?? kept ?? names[0];
  const verb =
    folder === undefined ? (doing ?? WORDS[syscall ?? ''] ?? `use (${syscall})`) : 'use the folder';
  return {
    message: `no permission to ${verb} ${culprit}${whose(culprit)}`,
    where: path,
    hint: 'ask the owner for permission (chmod, chown), work as that user, or use files and a store of your own (--store DIR)',
  };
}

const WORDS: Readonly<Record<string, string>> = {
  open: 'open',
  read: 'read',
  scandir: 'list',
  access: 'use',
  unlink: 'remove',
  rm: 'remove',
  rmdir: 'remove',
  rename: 'rename',
  chmod: 'change the mode of',
  link: 'link',
  copyfile: 'copy',
};

/** Text such as `: it belongs to root, its mode is 600, and this process is nobody`; empty where unknown. */
export function whose(path: string): string {
  const found = statOf(path);
  if (found === undefined || process.getuid === undefined) return '';
  const mode = (found.mode & 0o7777).toString(8);
  return `: it belongs to ${userName(found.uid)}, its mode is ${mode}, and this process is ${userName(process.geteuid?.() ?? process.getuid())}`;
}

function statOf(path: string) {
  try {
    return statSync(path);
  } catch {
    try {
      return lstatSync(path);
    } catch {
      return undefined;
    }
  }
}

function userName(uid: number): string {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((one) => one.split(':')[2] === String(uid));
    return line === undefined ? `user ${uid}` : line.split(':')[0];
  } catch {
    return `user ${uid}`;
  }
}

const CHANGES_FOLDER = new Set(['rename', 'unlink', 'rm', 'rmdir', 'mkdir', 'mkdtemp', 'link', 'symlink']);

function closedFolder(path: string, syscall = ''): string | undefined {
  const above: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    above.unshift(folder);
    if (dirname(folder) === folder) break;
  }
  for (const folder of above) {
    if (statOf(folder) === undefined) return undefined; // does not exist, so it denies nothing
    if (!may(folder, constants.X_OK)) return folder;
  }
  const makesNew = syscall === 'open' && statOf(path) === undefined;
  const folder = dirname(path);
  return (CHANGES_FOLDER.has(syscall) || makesNew) && !may(folder, constants.W_OK) ? folder : undefined;
}

/** Whether this process may remove or replace a file; in a sticky folder, only the owner of the file or the folder may. */
export function mayRemove(path: string): boolean {
  const folder = dirname(path);
  if (!may(folder, constants.W_OK | constants.X_OK)) return false;
  const above = statOf(folder);
  const found = lstatSync(path, { throwIfNoEntry: false });
  const me = process.geteuid?.();
  if (above === undefined || found === undefined || me === undefined || me === 0) return true;
  return (above.mode & 0o1000) === 0 || above.uid === me || found.uid === me;
}

/** Whether this process has access of a kind: `constants.R_OK`, `W_OK`, `X_OK`, or several. */
export function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
