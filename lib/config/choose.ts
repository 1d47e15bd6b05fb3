/** A study with some of its entries only, such as `--encodings rank`. The stages say what is made of what. */
import { usageError } from '../errors.ts';
import { namesIn, requiredBy } from '../flow/graph/answers.ts';
import type { Stage } from '../flow/stage.ts';
import { nearest } from '../flow/text/suggest.ts';

type Entries = Readonly<Record<string, unknown>>;

/**
 * The config without the other entries of `key`, and without the entries of other keys that are made of them, by way of
 * others too. Entries that a stage requires stay, but not what else is made of them. A name that no entry has stays, for
 * the checks to refuse.
 *
 * @param stages their `references` and `requires` say what is made of what
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
  /** Whether an entry of `own` is made of one that goes; `seen` are the entries on the way, which may be a circle. */
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

/** The named entries of a key; none of a key that is absent or null. */
const entriesOf = (config: Entries, key: string): Entries =>
  (Object.hasOwn(config, key) ? (config[key] as Entries | null) : null) ?? {};

const pick = (entries: Entries, keeps: (name: string, entry: unknown) => boolean): Entries =>
  Object.fromEntries(Object.entries(entries).filter(([name, entry]) => keeps(name, entry)));
