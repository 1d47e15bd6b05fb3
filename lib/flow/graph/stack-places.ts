/** Places in files that the stack of an error names. */
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FRAMEWORK_FOLDERS } from '../code/framework.ts';

/** Whether a file, or a place in it, is of the program or of a package that it needs. */
export const isOurs = (file: string) => FRAMEWORK_FOLDERS.some((folder) => file.startsWith(folder + sep));

/** Whether a place is in a package, whoever's. */
export const isPackage = (place: string) => place.includes(`${sep}node_modules${sep}`);

/** The innermost place of a stack that is neither ours nor of a package nor of Node. */
export function foreignPlace(stack: string | undefined): string | undefined {
  return placesOf(stack).find((place) => !isOurs(place) && !isPackage(place) && !place.startsWith('node:'));
}

/** All places of a stack, as file:line:column. */
export function placesOf(stack: string | undefined): string[] {
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
