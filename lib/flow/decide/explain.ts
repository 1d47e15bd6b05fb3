/** Explanation of how two keys of a target differ, as causes that can be shown. */
import type { InputSource, Target } from '../graph/target.ts';
import type { InputContent, KeyIngredients } from '../keys/key.ts';
import type { Plain } from '../stage.ts';
import type { ActionRecord } from '../store/record.ts';
import type { Cause } from './decision.ts';

/** Lists the differences between a target's last record and its current ingredients; empty if there are none. */
export function explain(
  last: Pick<ActionRecord, 'ingredients' | 'code'>,
  now: KeyIngredients,
  code: Readonly<Record<string, string>>,
  target: Target,
): Cause[] {
  const before = last.ingredients;
  const causes: Cause[] = paramCauses(before.params, now.params, '');
  if (before.code !== now.code) causes.push(codeCause(last.code, code));
  if (before.seed !== now.seed) causes.push({ kind: 'seed', old: before.seed, new: now.seed });
  for (const name of keysOf(before.environment, now.environment)) {
    const [old, current] = [before.environment[name], now.environment[name]];
    if (old !== current) causes.push({ kind: 'environment', name, old, new: current });
  }
  for (const slot of keysOf(before.inputs, now.inputs)) {
    const sources = [target.inputs[slot] ?? []].flat() as InputSource[];
    causes.push(...inputCauses(slot, listOf(before.inputs[slot]), listOf(now.inputs[slot]), sources));
  }
  return causes;
}

/** Inputs of a slot that were added, removed or changed. If only their order differs, the first one that moved. */
function inputCauses(
  slot: string,
  before: readonly InputContent[],
  now: readonly InputContent[],
  sources: readonly InputSource[],
): Cause[] {
  const isNew = (hash: string) => !before.some((b) => b.hash === hash);
  const gone = before.filter((b) => !now.some((n) => n.hash === b.hash)).map(({ hash }) => hash);
  const come = now.flatMap(({ hash }, i) => (isNew(hash) ? [{ hash, source: sources[i] }] : []));
  const causes = come.map(({ hash, source }, i): Cause => {
    return { kind: 'input', slot, ...originOf(source), old: gone[i], new: hash };
  });
  for (const hash of gone.slice(come.length)) {
    causes.push({ kind: 'input', slot, from: '', external: true, old: hash });
  }
  const moved = now.findIndex(({ hash }, i) => hash !== before[i]?.hash);
  if (causes.length === 0 && (moved >= 0 || before.length !== now.length)) {
    const [old, current] = [before[moved]?.hash, now[moved]?.hash];
    causes.push({ kind: 'input', slot, ...originOf(sources[moved]), old, new: current });
  }
  return causes;
}

function originOf(source: InputSource | undefined): { from: string; external: boolean } {
  if (source === undefined) return { from: '', external: true };
  return source.from === 'artifact'
    ? { from: source.target, external: false }
    : { from: source.path, external: true };
}

function codeCause(before: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): Cause {
  const names = keysOf(before, now);
  return {
    kind: 'code',
    changed: names.filter((n) => before[n] !== undefined && now[n] !== undefined && before[n] !== now[n]),
    added: names.filter((n) => before[n] === undefined),
    removed: names.filter((n) => now[n] === undefined),
  };
}

/** Differences between two values, key by key. */
export function paramCauses(before: Plain | undefined, now: Plain | undefined, path: string): Cause[] {
  if (isRecord(before) && isRecord(now)) {
    return keysOf(before, now).flatMap((key) =>
      paramCauses(before[key], now[key], path === '' ? key : `${path}.${key}`),
    );
  }
  if (Array.isArray(before) && Array.isArray(now) && !(isShort(before) && isShort(now))) {
    return itemCauses(before, now, path);
  }
  return JSON.stringify(before) === JSON.stringify(now)
    ? []
    : [{ kind: 'param', path, old: before, new: now }];
}

/** Differences between two lists. Items are matched by name (see `nameOf`), or by position if they have none. */
function itemCauses(before: readonly Plain[], now: readonly Plain[], path: string): Cause[] {
  const [old, current] = [before, now].map(
    (items) => new Map(items.map((item, i) => [nameOf(item, i), item])),
  );
  if (old.size < before.length || current.size < now.length) {
    return JSON.stringify(before) === JSON.stringify(now)
      ? []
      : [{ kind: 'param', path, old: before, new: now }];
  }
  const names = [...new Set([...old.keys(), ...current.keys()])];
  return names.flatMap((name) =>
    paramCauses(bare(old.get(name)), bare(current.get(name)), `${path}[${name}]`),
  );
}

/** Reduces an item that only gives a value a name to that value: the path already has the name. */
function bare(item: Plain | undefined): Plain | undefined {
  if (!isRecord(item) || item.name === undefined || !('value' in item)) return item;
  const isNamedValue = Object.keys(item).every((key) => ['section', 'name', 'value'].includes(key));
  return isNamedValue ? item.value : item;
}

/** Whether a list has plain values only. It is shown whole: `["umap", "rank"] → ["umap", "bins"]` says more than an index. */
function isShort(items: readonly Plain[]): boolean {
  return items.every((item) => typeof item !== 'object' || item === null);
}

/** Name that identifies an item of a list: its name, with its section if any, or its `x` and `y`; otherwise its position. */
function nameOf(item: Plain, place: number): string {
  if (isRecord(item)) {
    if (typeof item.name === 'string')
      return typeof item.section === 'string' ? `${item.section}.${item.name}` : item.name;
    if (typeof item.x === 'string' && typeof item.y === 'string') return `${item.x} × ${item.y}`;
  }
  return String(place);
}

function isRecord(value: Plain | undefined): value is { readonly [key: string]: Plain | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(input: InputContent | readonly InputContent[] | undefined): readonly InputContent[] {
  return input === undefined ? [] : Array.isArray(input) ? input : [input as InputContent];
}

function keysOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}
