/** Plain copies of config data: objects, lists and values, free of getters, proxies and classes. */
import { inspect } from 'node:util';
import { configError } from '../errors.ts';
import { formatPath, type Path } from './path.ts';

/** Deepest nesting that is accepted; nobody writes a config by hand that is deeper. */
const DEEPEST = 100;

/**
 * Copies plain objects and lists deeply; values that are neither are kept, and the schema refuses them with their place.
 * Throws config errors for anything that only looks like plain data: other objects (a schema would see no keys in them,
 * and take the defaults), rings, and getters that fail.
 *
 * @param name name of the config, for messages
 */
export function plainCopy(
  value: unknown,
  name: string,
  path: Path = [],
  above: readonly object[] = [],
): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const what = path.length === 0 ? 'the config' : formatPath(path);
  const refuse = (problem: string, cause?: unknown) =>
    configError(`${what} ${problem}`, {
      expected: 'plain data: objects, lists, text, numbers, true, false, null',
      where: name,
      cause,
    });
  if (above.includes(value)) throw refuse('holds itself');
  if (path.length > DEEPEST) throw refuse('is nested too deeply');
  try {
    if (!isPlain(value))
      throw refuse(`is ${inspect(value, { depth: 0, breakLength: Infinity }).slice(0, 60)}`);
    const inside = [...above, value];
    if (Array.isArray(value)) return value.map((item, i) => plainCopy(item, name, [...path, i], inside));
    const result: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      // Schemas skip this key, and the program would use another value than the written one.
      if (key === '__proto__') throw refuse('has a key "__proto__", which cannot be used');
      Object.defineProperty(result, key, {
        value: plainCopy(item, name, [...path, key], inside),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return result;
  } catch (error) {
    if ((error as { kind?: unknown } | null)?.kind === 'config') throw error;
    // A getter or a proxy may throw anything.
    throw refuse(`cannot be read: ${error instanceof Error ? error.message : inspect(error)}`, error);
  }
}

/** Whether an object is a list, a plain object of this or another realm, or a namespace from `import * as`. */
function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
