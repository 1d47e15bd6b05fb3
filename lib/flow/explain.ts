/** What differs between two keys of a target, in words that can be shown. */
import type { Cause } from './decision.ts';
import type { InputSource, Target } from './graph.ts';
import type { InputContent, KeyIngredients } from './key.ts';
import type { Plain } from './stage.ts';
import type { ActionRecord } from './store.ts';

/** The causes that separate a target's last record from what it would be now; empty if nothing does. */
export function explain(
  last: ActionRecord,
  now: KeyIngredients,
  code: Readonly<Record<string, string>>,
  target: Target,
): Cause[] {
  const before = last.ingredients;
  const causes: Cause[] = paramCauses(before.params, now.params, '');
  if (before.code !== now.code) causes.push(codeCause(last.code, code));
  if (before.seed !== now.seed) causes.push({ kind: 'seed', old: before.seed, new: now.seed });
  for (const name of keysOf(before.environment, now.environment)) {
    if (before.environment[name] !== now.environment[name]) causes.push({ kind: 'environment', name });
  }
  for (const slot of keysOf(before.inputs, now.inputs)) {
    const old = listOf(before.inputs[slot]);
    const current = listOf(now.inputs[slot]);
    const sources = [target.inputs[slot] ?? []].flat() as InputSource[];
    for (let i = 0; i < Math.max(old.length, current.length); i++) {
      if (old[i]?.hash === current[i]?.hash) continue;
      const source = sources[i];
      if (source === undefined) causes.push({ kind: 'input', slot, from: '(removed)', external: true });
      else if (source.from === 'file')
        causes.push({ kind: 'input', slot, from: source.path, external: true });
      else causes.push({ kind: 'input', slot, from: source.target, external: false });
    }
  }
  return causes;
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

function paramCauses(before: Plain | undefined, now: Plain | undefined, path: string): Cause[] {
  if (isRecord(before) && isRecord(now)) {
    return keysOf(before, now).flatMap((key) =>
      paramCauses(before[key], now[key], path === '' ? key : `${path}.${key}`),
    );
  }
  if (Array.isArray(before) && Array.isArray(now) && before.length === now.length) {
    return before.flatMap((item, i) => paramCauses(item, now[i], `${path}[${i}]`));
  }
  return JSON.stringify(before) === JSON.stringify(now)
    ? []
    : [{ kind: 'param', path, old: before, new: now }];
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
