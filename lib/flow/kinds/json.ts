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
        checkJson(value, '$');
        if (schema !== undefined) checked(schema, value, path);
        await writeFile(path, `${JSON.stringify(value)}\n`);
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

/**
 * Throws for values that JSON.stringify would change silently: NaN and infinity (written as null), typed arrays, maps and
 * other class instances (written as their properties), undefined in a list. Undefined properties are allowed and omitted.
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
