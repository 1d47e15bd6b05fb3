/** `exports` and `imports` of a package.json, as Node reads them (nodejs.org/api/esm.html, "Resolution algorithm"). */
import { join } from 'node:path';

/** Target of a specifier: a path, a specifier of another package, refused for an error in the map, or none (undefined). */
export type Target =
  | { readonly path: string }
  | { readonly bare: string }
  | { readonly refused: string }
  | undefined;

export type Conditions = ReadonlySet<string>;

/**
 * Resolves a subpath of a package by its `exports`.
 *
 * @param subpath `.` or `./name`
 */
export function resolveExports(folder: string, exports: unknown, subpath: string, conditions: Conditions) {
  const isMap = isRecord(exports) && Object.keys(exports).some((key) => key.startsWith('.'));
  if (isMap && Object.keys(exports).some((key) => !key.startsWith('.'))) {
    return { refused: `"exports" of ${folder} mixes paths and conditions` };
  }
  if (subpath === '.') {
    const main = isMap ? exports['.'] : exports;
    return resolveTarget(folder, main, undefined, false, conditions) ?? undefined;
  }
  return isMap ? match(folder, exports, subpath, false, conditions) : undefined;
}

/**
 * Resolves a private name of a package by its `imports`.
 *
 * @param name `#name`
 */
export function resolveImports(folder: string, imports: unknown, name: string, conditions: Conditions) {
  return isRecord(imports) && name !== '#' ? match(folder, imports, name, true, conditions) : undefined;
}

function match(
  folder: string,
  map: Readonly<Record<string, unknown>>,
  key: string,
  isImports: boolean,
  conditions: Conditions,
): Target {
  if (Object.hasOwn(map, key) && !key.includes('*') && !key.endsWith('/')) {
    return resolveTarget(folder, map[key], undefined, isImports, conditions) ?? undefined;
  }
  const patterns = Object.keys(map)
    .filter((pattern) => pattern.split('*').length === 2)
    .sort(byPattern);
  for (const pattern of patterns) {
    const [base, trailer] = pattern.split('*');
    const fits =
      key.startsWith(base) &&
      key !== base &&
      (trailer === '' || (key.length >= pattern.length && key.endsWith(trailer)));
    if (!fits) continue;
    const middle = key.slice(base.length, key.length - trailer.length);
    return resolveTarget(folder, map[pattern], middle, isImports, conditions) ?? undefined;
  }
  return undefined;
}

/** Orders patterns by the length of their base (the part before `*`), longest first. */
function byPattern(a: string, b: string): number {
  return b.indexOf('*') - a.indexOf('*') || b.length - a.length;
}

const OUTSIDE =
  /(^|\\|\/)((\.|%2e)(\.|%2e)?|(n|%6e|%4e)(o|%6f|%4f)(d|%64|%44)(e|%65|%45)(_|%5f)(m|%6d|%4d)(o|%6f|%4f)(d|%64|%44)(u|%75|%55)(l|%6c|%4c)(e|%65|%45)(s|%73|%53))(\\|\/|$)/i;

/** Resolves a target of a map. Null: explicitly excluded. Undefined: no condition holds. */
function resolveTarget(
  folder: string,
  target: unknown,
  middle: string | undefined,
  isImports: boolean,
  conditions: Conditions,
): Target | null {
  if (typeof target === 'string') return resolvePath(folder, target, middle, isImports);
  if (target === null) return null;
  if (Array.isArray(target)) {
    let last: Target | null = null;
    for (const one of target) {
      const found = resolveTarget(folder, one, middle, isImports, conditions);
      if (found === undefined) continue;
      last = found;
      if (found !== null && !('refused' in found)) return found;
    }
    return last;
  }
  if (!isRecord(target)) return { refused: `a target in ${folder} is no text` };
  for (const [condition, value] of Object.entries(target)) {
    if (condition !== 'default' && !conditions.has(condition)) continue;
    const found = resolveTarget(folder, value, middle, isImports, conditions);
    if (found !== undefined) return found;
  }
  return undefined;
}

function resolvePath(folder: string, target: string, middle: string | undefined, isImports: boolean): Target {
  const filled = (text: string) => (middle === undefined ? text : text.replaceAll('*', () => middle));
  if (!target.startsWith('./')) {
    const isBare = isImports && !target.startsWith('../') && !target.startsWith('/') && !URL.canParse(target);
    return isBare ? { bare: filled(target) } : { refused: `a target in ${folder} leads outside: ${target}` };
  }
  if (OUTSIDE.test(target.slice(2)) || (middle !== undefined && OUTSIDE.test(middle))) {
    return { refused: `a target in ${folder} leads outside: ${target}` };
  }
  try {
    return { path: join(folder, decodeURIComponent(filled(target))) };
  } catch {
    return { refused: `a target in ${folder} is no path: ${target}` };
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
