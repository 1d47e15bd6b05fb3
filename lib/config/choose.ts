/**
 * Restriction of a study to some of its entries, as with `--encodings rank`. The stages declare which entries are made of
 * which.
 */
import { usageError } from '../errors.ts';
import { namesIn, requiredBy } from '../flow/graph/answers.ts';
import type { Stage } from '../flow/stage.ts';
import { nearest } from '../flow/text/suggest.ts';

type Entries = Readonly<Record<string, unknown>>;

/**
 * Returns the config with only the named entries of `key`. Entries of other keys that are made of dropped entries,
 * directly or by way of others, are dropped too. Entries of `key` that a stage requires stay, but not what else is made
 * of them. References to a name that no entry has stay, for the checks to refuse.
 *
 * @param stages stages whose `references` and `requires` say which entries are made of which
 * @param key also the name of the option, for errors: `encodings` of `--encodings`
 * @throws a usage error if there are no names, or one that the config does not have
 */
export function chooseEntries<C extends object>(
  stages: readonly Stage[],
  config: C,
  key: string,
  names: readonly string[],
): C {
  const all = config as Entries;
  const known = Object.keys(entriesOf(all, key));
  const text = `--${key} ${names.join(',')}`;
  const one = key.replace(/s$/, '');
  if (names.length === 0) throw usageError(`--${key} names no ${one}`, { expected: known.join(', ') });
  for (const name of names) {
    if (known.includes(name)) continue;
    throw usageError(`cannot apply "${text}": the config has no ${one} "${name}"`, {
      expected: `some of ${known.join(', ')}`,
      hint: nearest(name, known),
    });
  }

  const chosen = new Set(names);
  const required = new Set(stages.flatMap((stage) => requiredBy(stage, config, key)));
  const owners = new Map(
    stages.flatMap((stage) => Object.keys(stage.references ?? {}).map((own) => [own, stage] as const)),
  );
  /** Whether an entry of `own` is made of a dropped one. `seen` are the entries on the way, which may form a cycle. */
  const isDropped = (own: string, entry: unknown, seen: readonly string[] = []): boolean => {
    const stage = owners.get(own);
    if (stage === undefined) return false;
    return namesIn(stage, own, entry).some((name) => {
      const owner = stage.references![own].keys.find((other) => Object.hasOwn(entriesOf(all, other), name));
      if (owner === undefined) return false;
      if (owner === key) return !chosen.has(name);
      const id = `${owner} ${name}`;
      return !seen.includes(id) && isDropped(owner, entriesOf(all, owner)[name], [...seen, id]);
    });
  };

  const kept: Record<string, unknown> = {};
  for (const own of owners.keys()) {
    // Keys that the config does not have stay out.
    if (!Object.hasOwn(config, own)) continue;
    const value = all[own];
    kept[own] = Array.isArray(value)
      ? value.filter((entry) => !isDropped(own, entry))
      : pick(entriesOf(all, own), (_, entry) => !isDropped(own, entry));
  }
  kept[key] = pick(entriesOf(all, key), (name) => chosen.has(name) || required.has(name));
  return { ...config, ...kept };
}

/** Named entries of a key; none for a key that is absent or null. */
const entriesOf = (config: Entries, key: string): Entries =>
  (Object.hasOwn(config, key) ? (config[key] as Entries | null) : null) ?? {};

const pick = (entries: Entries, keeps: (name: string, entry: unknown) => boolean): Entries =>
  Object.fromEntries(Object.entries(entries).filter(([name, entry]) => keeps(name, entry)));
