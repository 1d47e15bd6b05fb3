/** Command-line values that override the config file. */
import { usageError } from '../errors.ts';
import { formatPath, type Path, parsePath, valueAt } from './path.ts';
import { plainCopy } from './plain.ts';

export interface Override {
  readonly path: Path;
  readonly value: unknown;
  /** Option as it was given, for messages: `--set hvg.top=100`. */
  readonly text: string;
}

/** Reads `path=value`. The value is JSON if it parses as JSON, else it is the text itself. */
export function parseSet(assignment: string): Override {
  const text = `--set ${assignment}`;
  const match = /^((?:\[(?:"(?:[^"\\]|\\.)*"|'[^']*'|\d+)\]|[^=[\]]+)+)=(.*)$/s.exec(assignment);
  const path = match === null ? undefined : parsePath(match[1].trim());
  if (match === null || path === undefined) {
    throw usageError(`cannot read "${text}"`, {
      expected: '--set path=value, for example --set hvg.top=1000 or --set \'joint=[["a","b"]]\'',
    });
  }
  if (path.includes('__proto__')) throw usageError(`${text}: "__proto__" cannot be used as a key`);
  return { path, value: parseValue(match[2]), text };
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Returns a copy of the config with the overrides in place, in their order; the given config is left as it is. */
export function applyOverrides(
  config: unknown,
  overrides: readonly Override[],
  name = 'the config',
): unknown {
  const result = plainCopy(config, name);
  for (const { path, value, text } of overrides) {
    let holder = result;
    for (const [depth, key] of path.entries()) {
      checkHolder(holder, path.slice(0, depth), key, text);
      const container = holder as Record<string | number, unknown>;
      if (depth === path.length - 1) put(container, key, plainCopy(value, text));
      else {
        const next = Object.hasOwn(container, key) ? container[key] : undefined;
        holder = next ?? (typeof path[depth + 1] === 'number' ? [] : {});
        put(container, key, holder);
      }
    }
  }
  return result;
}

/**
 * Sets a key by definition, never by assignment, since assigning `__proto__` has another meaning (`parseSet` refuses that
 * name).
 */
function put(container: object, key: string | number, value: unknown): void {
  Object.defineProperty(container, key, { value, enumerable: true, writable: true, configurable: true });
}

function checkHolder(holder: unknown, path: Path, key: string | number, text: string): void {
  const name = path.length === 0 ? 'the config' : formatPath(path);
  if (typeof holder !== 'object' || holder === null) {
    throw usageError(`cannot apply "${text}": ${name} is ${JSON.stringify(holder)}, with nothing inside`);
  }
  if (!Array.isArray(holder)) return;
  if (typeof key !== 'number' || key > holder.length) {
    throw usageError(`cannot apply "${text}": ${name} is a list of ${holder.length}`, {
      expected:
        holder.length === 0
          ? 'index 0, which adds an item'
          : `an index from 0 to ${holder.length - 1}, or ${holder.length} to add an item`,
    });
  }
}

/** Values of `--data`, `--label` and `--batch`. */
export interface DatasetOptions {
  readonly data?: string;
  readonly label?: string;
  readonly batch?: string;
}

/** Throws a usage error for a label or a batch without a file: the simulated atlas has its own. */
export function requireFileFor({ label, batch }: DatasetOptions, config: unknown): void {
  const given = { label, batch };
  const named = (['label', 'batch'] as const).filter((name) => given[name] !== undefined);
  if (named.length === 0 || readsFile(config)) return;
  const quoted = (name: 'label' | 'batch') =>
    /^[\w.-]+$/.test(given[name]!) ? given[name] : JSON.stringify(given[name]);
  const options = named.map((name) => `--${name} ${quoted(name)}`).join(' ');
  const variables = named.map((name) => `${name.toUpperCase()}=${quoted(name)}`).join(' ');
  throw usageError(`${options}: there is no data file with such a column, the dataset is simulated`, {
    expected: 'a data file too, or a config that reads one',
    hint: `type: rankloom run --data atlas.h5ad ${options}, or: make all DATA=atlas.h5ad ${variables}`,
  });
}

function readsFile(config: unknown): boolean {
  const source = valueAt(config, ['dataset', 'source']);
  return typeof source === 'string' && source !== 'simulated';
}

/**
 * Overrides of the config by these options. `--data` replaces the configured source. If the config reads a file already,
 * its other keys (matrix, gene ids) stay; if it simulates, they mean nothing for a file and are removed.
 *
 * @param data path as the config is to see it: relative paths in a config count from its folder
 */
export function datasetOverrides(config: unknown, { data, label, batch }: DatasetOptions): Override[] {
  const overrides: Override[] = [];
  if (data !== undefined) {
    const text = `--data ${data}`;
    if (readsFile(config)) overrides.push({ path: ['dataset', 'source'], value: data, text });
    else overrides.push({ path: ['dataset'], value: { source: data }, text });
  }
  if (label !== undefined)
    overrides.push({ path: ['dataset', 'label'], value: label, text: `--label ${label}` });
  if (batch !== undefined)
    overrides.push({ path: ['dataset', 'batch'], value: batch, text: `--batch ${batch}` });
  return overrides;
}
