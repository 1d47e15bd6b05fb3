/**
 * What may stand in params, in parts, and so in keys: data that means the same to the stage, to the hash and to JSON.
 * Anything else would reach the stage changed, or share its key with another value.
 */
import { types } from 'node:util';

/** Where a value is not plain, and what was found there. */
export interface PlainProblem {
  /** `metrics[2].name`; empty for the value itself. */
  readonly path: string;
  readonly found: string;
}

const DEEPEST = 500;

/** The first place where a value is not plain data; undefined if all of it is. Properties may be undefined: that is as if absent. */
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
  // A hole, or a property beside the items, is lost on the way.
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

/** A getter may say something else each time, and what is not enumerable is seen by some and not by others. */
function propertyProblem(object: object, key: string, path: string): PlainProblem | undefined {
  const { get, set, enumerable } = Object.getOwnPropertyDescriptor(object, key)!;
  if (get !== undefined || set !== undefined) return { path, found: 'a getter' };
  return enumerable ? undefined : { path, found: 'a property that is not enumerable' };
}
