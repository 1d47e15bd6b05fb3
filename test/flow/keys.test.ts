import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { randomSource } from '../../lib/flow/index.ts';
import { actionKey, KEY_SCHEMA } from '../../lib/flow/keys/key.ts';
import { checkKeys } from '../campaigns/keys/fuzz.ts';

const seed = Number(process.env.SEED ?? 1);

test(`different ingredients have different keys, in any order of fields (SEED=${seed})`, () => {
  checkKeys(randomSource(seed, 'keys').stream('fuzz'), 20_000);
});

// A store outlives a release: a key that changes by accident would make all of it miss. Who means it raises
// KEY_SCHEMA here and in the script, and runs it.
test('keys are what another implementation of their form gives', () => {
  assert.equal(KEY_SCHEMA, 1);
  const cases = JSON.parse(readFileSync(new URL('../golden/keys/keys.json', import.meta.url), 'utf8'));
  assert.equal(cases.length, 8);
  for (const { name, ingredients, key } of cases) assert.equal(actionKey(ingredients, 'test'), key, name);
});

test('two ingredients that differ only in where a value stands have different keys', () => {
  const [{ ingredients }] = JSON.parse(
    readFileSync(new URL('../golden/keys/keys.json', import.meta.url), 'utf8'),
  );
  const { counts } = ingredients.inputs;
  const keys = [
    { ...ingredients, inputs: { a: counts } },
    { ...ingredients, inputs: { b: counts } },
    { ...ingredients, inputs: { a: [counts] } },
    { ...ingredients, inputs: { a: [counts, counts] } },
    { ...ingredients, inputs: {}, params: { a: counts } },
    { ...ingredients, inputs: {}, environment: { a: counts } },
  ].map((i) => actionKey(i, 'test'));
  assert.equal(new Set(keys).size, keys.length);
});
