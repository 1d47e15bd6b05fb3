/** Where a store lies: made ready, or refused at once with what is wrong. */
import { accessSync, constants, existsSync, lstatSync, mkdirSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { storeError } from '../errors.ts';

const FOLDERS = ['objects', 'actions', 'targets', 'runs', 'locks', 'tmp', 'cache'];

/** Creates a store's folders. Throws a store error if the place cannot be written. */
export function prepareStore(dir: string): void {
  try {
    requireTarget(dir);
    makeFolder(dir);
    for (const name of FOLDERS) {
      mkdirSync(join(dir, name), { recursive: true });
      accessSync(join(dir, name), constants.W_OK | constants.X_OK);
    }
    accessSync(dir, constants.W_OK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw storeError(`cannot write to the store ${dir}: ${READABLE[code ?? ''] ?? message}`, {
      expected: 'a folder that can be created and written',
      hint: 'check its permissions, or choose another place with --store DIR',
      cause: error,
    });
  }
}

const READABLE: Readonly<Record<string, string>> = {
  EROFS: 'its file system is read-only',
  EACCES: 'permission denied',
};

/** A store whose disk is not mounted must not be mistaken for one that has yet to be made. */
function requireTarget(dir: string): void {
  if (existsSync(dir)) return;
  let target: string;
  try {
    if (!lstatSync(dir).isSymbolicLink()) return;
    target = readlinkSync(dir);
  } catch {
    return; // nothing there at all
  }
  throw new Error(`it is a link to ${target}, which is not there (is its disk mounted?)`);
}

/** Throws a store error if there is no store in a folder, or it cannot be read. */
export function requireStore(dir: string): void {
  try {
    for (const name of ['objects', 'actions']) accessSync(join(dir, name), constants.R_OK | constants.X_OK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw storeError(
      `cannot read the shared store ${dir}: ${code === 'ENOENT' ? 'there is none' : message}`,
      {
        expected: 'a folder that a run has made, with objects/ and actions/',
        hint: 'check --shared-store, RANKLOOM_SHARED_STORE or the config, and whether its disk is mounted',
        cause: error,
      },
    );
  }
}

/** As `mkdir -p`. Node's own `recursive` never returns where the system denies that a parent exists (/proc). */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
