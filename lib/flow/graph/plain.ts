/**
 * Plain data, the only data allowed in params and parts, and so in keys: it means the same to the stage, to the hash and to
 * JSON. Any other value would reach the stage changed, or share its key with another value.
 */
import { types } from 'node:util';

/** Location in a value that is not plain data, and a description of the value found there. */
export interface PlainProblem {
  /** Path such as `metrics[2].name`; empty for the value itself. */
  readonly path: string;
  readonly found: string;
}

const DEEPEST = 500;

/** Finds the first location that is not plain data; undefined if there is none. Undefined properties count as absent. */
export function plainProblem(value: unknown): PlainProblem | undefined {
  return problemAt(value, '', []);
}

function problemAt(value: unknown, path: string, above: unknown[]): PlainProblem | undefined {
  const is = (found: string) => ({ path, found });
  switch (typeof value) {
    case 'boolean':
      return undefined;
    case 'string':
      return value.isWellFormed() ? undefined : is('a string with a lone surrogate');
    case 'number':
      if (Object.is(value, -0)) return is('−0, which is 0 to a key');
      return Number.isFinite(value) ? undefined : is(String(value));
    case 'object':
      break;
    case 'undefined':
      return is('undefined');
    case 'bigint':
    case 'symbol':
    case 'function':
      return is(`a ${typeof value}`);
  }
  if (value === null) return undefined;
  // What a proxy gives may be another thing each time, and no thread can be sent it.
  if (types.isProxy(value)) return is('a proxy');
  if (above.includes(value)) return is('a value that contains itself');
  if (above.length === DEEPEST) return is(`nested more than ${DEEPEST} deep`);
  const prototype = Object.getPrototypeOf(value);
  if (Array.isArray(value) ? prototype !== Array.prototype : ![Object.prototype, null].includes(prototype)) {
    return is(`an instance of ${prototype?.constructor?.name || 'a class'}`);
  }
  above.push(value);
  const problem = Array.isArray(value)
    ? problemInArray(value, path, above)
    : problemInObject(value, path, above);
  above.pop();
  return problem;
}

function problemInArray(array: readonly unknown[], path: string, above: unknown[]): PlainProblem | undefined {
  // JSON loses holes and extra properties of an array.
  if (Reflect.ownKeys(array).length !== array.length + 1) {
    for (let i = 0; i < array.length; i++) {
      if (!Object.hasOwn(array, i)) return { path: `${path}[${i}]`, found: 'a hole in an array' };
    }
    return { path, found: 'an array with properties' };
  }
  for (let i = 0; i < array.length; i++) {
    const problem =
      propertyProblem(array, String(i), `${path}[${i}]`) ?? problemAt(array[i], `${path}[${i}]`, above);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function problemInObject(object: object, path: string, above: unknown[]): PlainProblem | undefined {
  for (const key of Reflect.ownKeys(object)) {
    if (typeof key === 'symbol') return { path, found: `a property named by a symbol, ${String(key)}` };
    const at = path === '' ? key : `${path}.${key}`;
    if (!key.isWellFormed()) return { path, found: 'a name with a lone surrogate' };
    const problem = propertyProblem(object, key, at);
    if (problem !== undefined) return problem;
    const item = (object as Record<string, unknown>)[key];
    const inside = item === undefined ? undefined : problemAt(item, at, above);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

/** Rejects getters, which may return different values, and non-enumerable properties, which not every reader sees. */
function propertyProblem(object: object, key: string, path: string): PlainProblem | undefined {
  const { get, set, enumerable } = Object.getOwnPropertyDescriptor(object, key)!;
  if (get !== undefined || set !== undefined) return { path, found: 'a getter' };
  return enumerable ? undefined : { path, found: 'a property that is not enumerable' };
}
