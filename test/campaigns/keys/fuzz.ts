/** Pairs of key ingredients that differ in one place, and what their keys say about it. */
import assert from 'node:assert/strict';
import type { Plain, RandomStream } from '../../../lib/flow/index.ts';
import {
  actionKey,
  type CodeHash,
  type ContentHash,
  type KeyIngredients,
} from '../../../lib/flow/keys/key.ts';

/** Values that are easily taken for each other. */
const TRICKY: readonly Plain[] = [
  null, true, false, 0, 1, -1, 0.1, 1e21, 5e-324, 256, '', '0', '1', 'null', 'true', 'a', 'ab', 'b', 'a,b', '[]', '{}',
  '\u0000', 's\u0000\u0000\u0000\u0001', 'é', 'e\u0301', '😀', [], {}, [[]], [null], [{}], { '': null },
]; // biome-ignore format: a list
const NAMES = ['a', 'b', 'ab', '', '0', 'kind', 'hash', 'params', 'é'];

const pick = <T>(random: RandomStream, from: readonly T[]): T => from[random.int(from.length)];

function plain(random: RandomStream, depth: number): Plain {
  const dice = random.int(depth > 0 ? 6 : 3);
  if (dice < 3) return dice === 0 ? random.int(5) : pick(random, TRICKY);
  if (dice < 5) return named(random, () => plain(random, depth - 1));
  return Array.from({ length: random.int(4) }, () => plain(random, depth - 1));
}

function named<T>(random: RandomStream, make: () => T): Record<string, T> {
  return Object.fromEntries(Array.from({ length: random.int(4) }, () => [pick(random, NAMES), make()]));
}

const hash = (random: RandomStream) => random.int(4).toString(16).repeat(64) as ContentHash & CodeHash;
const content = (random: RandomStream) => ({
  kind: pick(random, ['json', 'table', 'file']),
  hash: hash(random),
});
const contents = (random: RandomStream) =>
  random.int(3) === 0 ? Array.from({ length: random.int(3) }, () => content(random)) : content(random);

const shares: ((random: RandomStream) => KeyIngredients['share'])[] = [
  () => ({ role: 'whole' }),
  (random) => ({
    role: 'plan',
    round: random.int(3),
    rounds: Array.from({ length: random.int(3) }, () =>
      Array.from({ length: random.int(3) }, () => named(random, () => content(random))),
    ),
  }),
  (random) => ({ role: 'part', round: random.int(3), part: plain(random, 2) }),
];

const fields: { [F in keyof KeyIngredients]: (random: RandomStream) => KeyIngredients[F] } = {
  code: hash,
  params: (random) => plain(random, 3),
  inputs: (random) => named(random, () => contents(random)),
  seed: (random) => (random.int(3) === 0 ? null : random.int(3)),
  environment: (random) => named(random, () => pick(random, ['', '1', '2'])),
  share: (random) => pick(random, shares)(random),
};

/** The same value as text, with names in order: what is equal here is equal, and nothing else. */
function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((n) => `${JSON.stringify(n)}:${text((value as Record<string, unknown>)[n])}`).join()}}`;
}

/** The same value with the names of its objects in another order. */
function shuffled<T>(value: T, random: RandomStream): T {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, shuffled(item, random)] as const);
  for (let i = entries.length - 1; i > 0; i--) {
    const k = random.int(i + 1);
    [entries[i], entries[k]] = [entries[k], entries[i]];
  }
  return Object.fromEntries(entries) as T;
}

/** Checks so many pairs of different ingredients. Throws on the first two that share a key. */
export function checkKeys(random: RandomStream, pairs: number): void {
  const names = Object.keys(fields) as (keyof KeyIngredients)[];
  for (let pair = 0; pair < pairs; ) {
    const one = Object.fromEntries(
      names.map((name) => [name, fields[name](random)]),
    ) as unknown as KeyIngredients;
    const key = actionKey(one, 'fuzz');
    assert.equal(actionKey(shuffled(one, random), 'fuzz'), key, `another order of names: ${text(one)}`);
    // Several neighbours of one, each different in a single field.
    for (let n = 0; n < 4; n++) {
      const name = pick(random, names);
      const other = { ...one, [name]: fields[name](random) };
      if (text(other) === text(one)) continue;
      pair++;
      if (actionKey(other, 'fuzz') === key) throw new Error(`one key for two:\n${text(one)}\n${text(other)}`);
    }
  }
}
