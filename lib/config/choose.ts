/** `--encodings`: the study with some of its encodings only. */
import { usageError } from '../errors.ts';
import { nearest } from '../flow/text/suggest.ts';

/** What of a whole config, defaults filled in, is looked at here; a stage that is absent has no key. */
interface Study {
  readonly encodings?: Named<{ readonly kind?: string }>;
  readonly embeddings?: Named<{ readonly of?: string }>;
  readonly measures?: Named<{ readonly of: string }>;
  readonly joint?: readonly (readonly [string, string])[];
  readonly fidelity?: { readonly reference?: string | null } | null;
}
type Named<T> = Readonly<Record<string, T>>;

/**
 * The config without the other encodings, and without the embeddings, measures and pairs of measures that are made of
 * them. The encoding that all are held against by `fidelity` stays, but not what else is made of it. Imported embeddings
 * stay. Throws a usage error for a name that the config does not have.
 */
export function chooseEncodings<C extends object>(config: C, names: readonly string[]): C {
  const { encodings = {}, embeddings = {}, measures = {}, joint = [], fidelity } = config as Study;
  const known = Object.keys(encodings);
  const text = `--encodings ${names.join(',')}`;
  if (names.length === 0) throw usageError('--encodings names no encoding', { expected: known.join(', ') });
  for (const name of names) {
    if (known.includes(name)) continue;
    throw usageError(`cannot apply "${text}": the config has no encoding "${name}"`, {
      expected: `some of ${known.join(', ')}`,
      hint: nearest(name, known),
    });
  }

  const chosen = new Set(names);
  const reference =
    fidelity == null
      ? undefined
      : (fidelity.reference ?? known.find((name) => encodings[name].kind === 'lognorm') ?? known[0]);
  const hasEncoding = (name: string) => chosen.has(name) || name === reference;
  /** Whether what `of` names goes: an encoding, or an embedding of one, or of another embedding. */
  const isDropped = (of: string | undefined, seen: readonly string[] = []): boolean => {
    if (of === undefined || seen.includes(of)) return false;
    if (Object.hasOwn(encodings, of)) return !chosen.has(of);
    return Object.hasOwn(embeddings, of) && isDropped(embeddings[of].of, [...seen, of]);
  };
  const kept = {
    encodings: pick(encodings, hasEncoding),
    embeddings: pick(embeddings, (name) => !isDropped(name)),
    measures: pick(measures, (name) => !isDropped(measures[name].of)),
    joint: joint.filter((pair) =>
      pair.every((name) => !Object.hasOwn(measures, name) || !isDropped(measures[name].of)),
    ),
  };
  // Keys that the config does not have stay out.
  return {
    ...config,
    ...Object.fromEntries(Object.entries(kept).filter(([key]) => Object.hasOwn(config, key))),
  };
}

function pick<T>(from: Named<T>, keeps: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => keeps(name)));
}
