/** Check of an object without reading its content. */
import { constants, lstatSync } from 'node:fs';
import { basename } from 'node:path';
import { denied, may, whose } from '../../permission.ts';

/** Problem with an object. `isClosed`: the object may be intact, but this process may not read it. */
export interface Problem {
  readonly detail: string;
  readonly isClosed?: boolean;
}

/**
 * Checks that an object exists, is a readable file and has the right size. Returns the problem, if any.
 *
 * @param bytes the size in its record
 */
export function problemWith(path: string, bytes: number): Problem | undefined {
  const name = `object ${basename(path).slice(0, 12)}`;
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return { detail: `${name} is missing` };
    if (!found.isFile()) return { detail: `${name} is not a file` };
    if ((found.mode & 0o444) === 0) return { detail: `${name} has no permission to be read` };
    if (found.size !== bytes) return { detail: `${name} has ${found.size} bytes, not ${bytes}` };
    // Runs make objects readable for everyone; a copied store may differ.
    if ((found.mode & 0o004) === 0 && !may(path, constants.R_OK))
      return { isClosed: true, detail: `no permission to read ${path}${whose(path)}` };
    return undefined;
  } catch (error) {
    const refused = denied(error);
    return refused === undefined
      ? { detail: `${name} is missing` }
      : { isClosed: true, detail: refused.message };
  }
}
