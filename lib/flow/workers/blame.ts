/**
 * Attribution of unexpected errors. An error with a stack position in code from outside the framework is an error of that
 * code, and is reported with the position; any other error is the framework's.
 */

import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ErrorInfo, nameOf, toErrorInfo } from '../../errors.ts';
import { hintOf } from '../hints.ts';

const PACKAGE = fileURLToPath(new URL('../../..', import.meta.url));
const OURS = ['lib', 'stages', 'node_modules'].map((folder) => `${PACKAGE}${folder}${sep}`);
/** Whether a file is the framework's own, not counting packages, which both sides use. */
const isOwnOfOurs = (file: string) => OURS.slice(0, 2).some((folder) => file.startsWith(folder));

const isOurs = (file: string) => OURS.some((folder) => file.startsWith(folder));

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
  const where = placeOf(info.stack);
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

/** Innermost position of a stack outside the framework, packages and Node; undefined if there is none. */
export function placeOf(stack: string | undefined): string | undefined {
  return placesOf(stack).find(
    (place) => !isOurs(place) && !place.includes(`${sep}node_modules${sep}`) && !place.startsWith('node:'),
  );
}

/** All positions of a stack, as file:line:column. */
function placesOf(stack: string | undefined): string[] {
  return (stack ?? '').split('\n').flatMap((line) => {
    const [, place] =
      /^\s+at (?:.*?\(|async )?((?:file:\/\/|\/|node:|[A-Za-z]:\\).*:\d+:\d+)\)?$/.exec(line) ?? [];
    if (place === undefined) return [];
    if (!place.startsWith('file:')) return [place];
    const [, url, position] = /^(.*?)(:\d+:\d+)$/.exec(place)!;
    try {
      return [`${fileURLToPath(url.split('?', 1)[0])}${position}`];
    } catch {
      return [];
    }
  });
}
