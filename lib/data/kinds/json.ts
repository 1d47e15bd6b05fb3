/** Any plain value as JSON. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Kind } from '../../flow/stage.ts';
import type { JsonInput, JsonOutput } from './types.ts';

/**
 * The kind of plain data as JSON. `read` parses the whole file, with every call anew, and does not check that it is a `T`; it throws
 * a SyntaxError for what is no JSON. `write` throws for what JSON would change: see `checkJson`.
 */
export function json<T>(): Kind<'json', JsonInput<T>, JsonOutput<T>> {
  return {
    name: 'json',
    input: (path) => ({ kind: 'json', read: async () => JSON.parse(await readFile(path, 'utf8')) as T }),
    output: (path) => ({
      async write(value) {
        checkJson(value, '$');
        await writeFile(path, `${JSON.stringify(value)}\n`);
      },
    }),
  };
}

/**
 * Refuses what JSON.stringify would change without a word: NaN and infinity (it writes null), typed arrays,
 * maps and other objects of a class (it writes their properties), undefined in a list. A property that is
 * undefined is left out, as everywhere.
 */
function checkJson(value: unknown, path: string): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`${path} is ${value}, which JSON cannot hold; use null`);
    return;
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) checkJson(value[i], `${path}[${i}]`);
    return;
  }
  const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== Object.prototype && prototype !== null) {
    const name = typeof value === 'object' ? prototype?.constructor?.name : typeof value;
    throw new Error(`${path} is of type ${name}, which JSON cannot hold; make it plain data`);
  }
  for (const [key, item] of Object.entries(value as object)) {
    if (item !== undefined) checkJson(item, `${path}.${key}`);
  }
}
