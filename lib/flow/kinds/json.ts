/** Kind of a plain value, stored as JSON. */
import { readFile, writeFile } from 'node:fs/promises';
import type { z } from 'zod';
import { dataError } from '../../errors.ts';
import type { Kind } from '../stage.ts';

/** Plain value as an input of a stage. */
export interface JsonInput<T> {
  readonly kind: 'json';
  /** Parses the whole file, anew with every call. Throws a data error for invalid JSON or a value that the schema rejects. */
  read(): Promise<T>;
}

/** Plain value as an output of a stage. */
export interface JsonOutput<T> {
  /** Writes a value. Throws if JSON would change it (NaN, typed arrays, class instances), or if the schema rejects it. */
  write(value: T): Promise<void>;
}

/**
 * Kind of a plain value, stored as JSON. A zod schema checks and types values on reading (defaults and transforms apply) and
 * checks them on writing. Without a schema, `read` assumes that the value is a `T`.
 */
export function json<T>(): Kind<'json', JsonInput<T>, JsonOutput<T>>;
export function json<S extends z.ZodType>(
  schema: S,
): Kind<'json', JsonInput<z.output<S>>, JsonOutput<z.input<S>>>;
export function json(schema?: z.ZodType): Kind<'json', JsonInput<unknown>, JsonOutput<unknown>> {
  return {
    name: 'json',
    input: (path) => ({
      kind: 'json',
      async read() {
        const value = parsed(await readFile(path, 'utf8'), path);
        return schema === undefined ? value : checked(schema, value, path);
      },
    }),
    output: (path) => ({
      async write(value) {
        const text = textOf(value);
        if (schema !== undefined) checked(schema, value, path);
        await writeFile(path, `${text}\n`);
      },
    }),
  };
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw dataError(`the JSON cannot be read: ${(cause as Error).message}`, { where: path, cause });
  }
}

/** Parses a value by its schema. Throws a data error with the path of the first problem. */
function checked(schema: z.ZodType, value: unknown, path: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [{ path: at, message }] = result.error.issues;
  const place = at.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  throw dataError(`the JSON is not as its schema says: $${place}: ${message}`, {
    where: path,
    expected: 'a value that fits the schema that the stage declares for it',
  });
}

/** The value as JSON. Throws here, where whoever wrote it is near on the stack, and not deep inside the value. */
function textOf(value: unknown): string {
  const problem = orTooDeep(() => jsonProblem(value, '$', new Set()));
  if (problem !== undefined) throw new Error(problem);
  return orTooDeep(() => JSON.stringify(value));
}

/** Work that goes into a value, level by level. */
function orTooDeep<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError && /call stack/.test(error.message))) throw error;
    throw new Error('$ is nested too deep to be written as JSON');
  }
}

/**
 * Throws for values that JSON.stringify would change silently: NaN and infinity (written as null), typed arrays, maps and
 * other class instances (written as their properties), undefined in a list. Undefined properties are allowed and omitted.
 */
function jsonProblem(value: unknown, path: string, above: Set<object>): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : `${path} is ${value}, which JSON cannot hold; use null`;
  const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    const name = typeof value === 'object' ? prototype?.constructor?.name : typeof value;
    return `${path} is of type ${name}, which JSON cannot hold; make it plain data`;
  }
  const object = value as object;
  if (above.has(object))
    return `${path} is a value that holds itself, which JSON cannot hold; make it plain data`;
  above.add(object);
  const problem = Array.isArray(value)
    ? problemInList(value, path, above)
    : problemInObject(object, path, above);
  above.delete(object);
  return problem;
}

function problemInList(list: readonly unknown[], path: string, above: Set<object>): string | undefined {
  for (let i = 0; i < list.length; i++) {
    const problem = jsonProblem(list[i], `${path}[${i}]`, above);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function problemInObject(object: object, path: string, above: Set<object>): string | undefined {
  for (const [key, item] of Object.entries(object)) {
    const problem = item === undefined ? undefined : jsonProblem(item, `${path}.${key}`, above);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
