/**
 * Attribution of unexpected errors. An error with a stack position in code from outside the framework is an error of that
 * code, and is reported with the position; any other error is the framework's.
 */

import { fileURLToPath } from 'node:url';
import { type ErrorInfo, nameOf, toErrorInfo } from '../../errors.ts';
import { isFramework } from '../code/framework.ts';
import { foreignPlace, isOurs, placesOf } from '../graph/stack-places.ts';
import { hintOf } from '../hints.ts';

/** Hooks of ours are on the way of every import of the user's. */
const HOOKS = fileURLToPath(new URL('../code/import-stage.ts', import.meta.url));
/** Whether a file is the framework's own, not counting packages, which both sides use. */
const isOwnOfOurs = (place: string) => isFramework(place) && !place.startsWith(`${HOOKS}:`);

/** Paths of an action's code from outside the framework: its stage, and code files of its instance. */
export function ownCode(task: { readonly module: string; readonly code: readonly string[] }): string[] {
  const module = task.module.startsWith('file:') ? fileURLToPath(task.module) : task.module;
  return [...task.code, module].filter((file) => !isOurs(file));
}

/**
 * Converts an error to plain data, and attributes an unexpected one to user code or to the framework.
 *
 * @param own see `ownCode`
 */
export function blame(error: unknown, own: readonly string[]): ErrorInfo {
  const info = toErrorInfo(error);
  return info.kind === 'internal' ? blameInfo(info, own, nameOf(error)) : info;
}

/** Attributes an error that has crossed threads; see `blame`. */
export function blameInfo(info: ErrorInfo, own: readonly string[], name?: string): ErrorInfo {
  const where = foreignPlace(info.stack) ?? importerIn(info.message);
  const isNamed = name === undefined || name === '' || name === 'Error' || info.message.startsWith(name);
  const message = isNamed ? info.message : `${name}: ${info.message}`;
  if (where !== undefined) return { ...info, kind: 'code', message, where, hint: hintOf('ownCode') };
  if (own.length === 0) return info;
  if (!placesOf(info.stack).some(isOwnOfOurs))
    return { ...info, kind: 'code', message, where: own[0], hint: hintOf('ownCode') };
  return {
    ...info,
    hint: hintOf('maybeOwnCode', { file: own[0] }),
  };
}

/** The file of the user's that asked for a module which Node did not find or would not import, by what Node says of it. */
function importerIn(message: string): string | undefined {
  const [, file] = / imported from (\/.*|[A-Za-z]:\\.*)$/m.exec(message) ?? [];
  return file === undefined || isOurs(file) ? undefined : file;
}
