/**
 * Former names of config keys. A whole config that has only the old name of a key is still read; a config that has both
 * is refused, as is an old name anywhere else.
 */
import type { Path } from './path.ts';

/** A config with the new names of its keys. */
export function withNewKeys(value: unknown, renamed: Readonly<Record<string, string>>): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const keys = Object.keys(value);
  if (!keys.some((key) => Object.hasOwn(renamed, key))) return value;
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [newKey(key, keys, renamed), own]));
}

/** A path into the config with the new name of its key. */
export function withNewKey(path: Path, renamed: Readonly<Record<string, string>>): Path {
  const [key, ...rest] = path;
  return typeof key === 'string' ? [newKey(key, [], renamed), ...rest] : path;
}

function newKey(key: string, others: readonly string[], renamed: Readonly<Record<string, string>>): string {
  return Object.hasOwn(renamed, key) && !others.includes(renamed[key]) ? renamed[key] : key;
}
