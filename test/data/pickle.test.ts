import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { PickleArray, parsePickle, readPickle } from '../../lib/data/files/pickle.ts';
import { OperationalError } from '../../lib/errors.ts';

const root = join(import.meta.dirname, '..', '..');
const { cases, refused } = JSON.parse(
  readFileSync(join(root, 'test', 'golden', 'formats', 'pickles.json'), 'utf8'),
) as {
  cases: { name: string; pickle: string; value: unknown }[];
  refused: { name: string; pickle: string; says: string }[];
};
const bytesOf = ({ pickle }: { pickle: string }) => Buffer.from(pickle, 'base64');

/** Maps as objects, arrays as lists, to compare with JSON. */
function asJson(value: unknown): unknown {
  if (value instanceof PickleArray) {
    const [rows, columns] = value.shape;
    if (columns === undefined) return [...value.values];
    return Array.from({ length: rows }, (_, r) => [...value.values.subarray(r * columns, (r + 1) * columns)]);
  }
  if (value instanceof Map) return Object.fromEntries(Array.from(value, ([k, v]) => [String(k), asJson(v)]));
  return Array.isArray(value) ? value.map(asJson) : value;
}

for (const given of cases) {
  test(`reads ${given.name}`, () => {
    assert.deepEqual(asJson(parsePickle(bytesOf(given), 'it.pkl')), given.value);
  });
}

for (const given of refused) {
  test(`refuses ${given.name}`, () => {
    assert.throws(
      () => parsePickle(bytesOf(given), 'it.pkl'),
      (error: unknown) => {
        assert.ok(error instanceof OperationalError, String(error));
        assert.ok(error.message.includes(given.says), error.message);
        assert.match(error.where!, /^it\.pkl, byte \d+$/);
        assert.match(error.hint!, /json\.dump/);
        return true;
      },
    );
  });
}

test('a pickle cut off anywhere, or with any byte changed, is read or refused, never a crash', () => {
  const whole = bytesOf(cases.find(({ name }) => name === 'numpy float64, protocol 4')!);
  const read = (bytes: Buffer) => {
    try {
      parsePickle(bytes, 'it.pkl');
      return true;
    } catch (error) {
      assert.ok(error instanceof OperationalError, String(error));
      return false;
    }
  };
  for (let length = 0; length < whole.length; length++) assert.equal(read(whole.subarray(0, length)), false);
  for (let at = 0; at < whole.length; at++) {
    for (let value = 0; value < 256; value += 3) {
      const changed = Buffer.from(whole);
      changed[at] = value;
      read(changed);
    }
  }
});

test('a list that holds itself is read', () => {
  const list = parsePickle(Buffer.from(']\x94h\x00a.', 'latin1'), 'it.pkl') as unknown[];
  assert.equal(list[0], list);
});

const models = join(root, '..', 'shared', 'models');
test('the dictionaries of Geneformer hold the same as their JSON twins, in the same order', {
  skip: existsSync(models) ? false : 'needs the shared models',
}, async () => {
  for (const corpus of ['gc30M', 'gc95M']) {
    for (const name of [
      'token_dictionary',
      'gene_median_dictionary',
      'gene_name_id_dict',
      'ensembl_mapping_dict',
    ]) {
      const path = join(models, `geneformer_${corpus}`, `${name}_${corpus}`);
      const json = Object.entries(JSON.parse(readFileSync(`${path}.json`, 'utf8')));
      assert.deepEqual([...((await readPickle(`${path}.pkl`)) as Map<string, unknown>)], json, name);
    }
  }
});
