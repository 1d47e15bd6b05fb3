import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalBytes, canonicalHash } from '../../lib/flow/keys/canonical.ts';
import { actionKey, type CodeHash, type ContentHash } from '../../lib/flow/keys/key.ts';
import { randomSource } from '../../lib/flow/random.ts';

test('the order of keys does not matter, and an undefined property is an absent one', () => {
  assert.equal(
    canonicalHash({ a: 1, b: [2, { c: 3, d: 4 }] }),
    canonicalHash({ b: [2, { d: 4, c: 3 }], a: 1 }),
  );
  assert.equal(canonicalHash({ a: 1, b: undefined }), canonicalHash({ a: 1 }));
  assert.equal(canonicalHash(-0), canonicalHash(0));
});

test('values that look alike have different forms', () => {
  const values = [
    null,
    true,
    false,
    0,
    1,
    '0',
    '1',
    '',
    'null',
    [],
    {},
    [[]],
    [null],
    ['a', 'b'],
    ['ab'],
    ['a,b'],
    { a: 'b' },
    { ab: '' },
    [{ a: 1 }, { b: 2 }],
    [{ a: 1, b: 2 }],
    [1, [2, 3]],
    [[1, 2], 3],
    [1, 2, 3],
    'é',
    'e\u0301',
    1e-320,
    '\u0000',
  ]; // prettier-ignore
  const forms = new Set(values.map((v) => Buffer.from(canonicalBytes(v)).toString('hex')));
  assert.equal(forms.size, values.length);
});

test('different random values never share a form', () => {
  const stream = randomSource(1, 'test').stream('canonical');
  const make = (depth: number): unknown => {
    switch (stream.int(depth > 0 ? 7 : 5)) {
      case 0:
        return stream.int(3);
      case 1:
        return 'ab'.repeat(stream.int(3)).slice(stream.int(2));
      case 2:
        return null;
      case 3:
        return stream.int(2) === 0;
      case 4:
        return stream.float64();
      case 5:
        return Array.from({ length: stream.int(3) }, () => make(depth - 1));
      default:
        return Object.fromEntries(
          Array.from({ length: stream.int(3) }, () => ['abc'[stream.int(3)], make(depth - 1)]),
        );
    }
  };
  const sorted = (v: unknown): unknown =>
    Array.isArray(v)
      ? v.map(sorted)
      : v !== null && typeof v === 'object'
        ? Object.fromEntries(
            Object.entries(v)
              .sort()
              .map(([k, x]) => [k, sorted(x)]),
          )
        : v;
  const seen = new Map<string, string>();
  for (let i = 0; i < 20_000; i++) {
    const value = make(3);
    const text = JSON.stringify(sorted(value));
    const hash = canonicalHash(value);
    assert.equal(seen.get(hash) ?? text, text);
    seen.set(hash, text);
  }
});

test('what cannot be part of a key is refused with its path', () => {
  const refused: [unknown, RegExp][] = [
    [{ a: [1, Number.NaN] }, /^TypeError: a\[1\] is NaN/],
    [{ a: { b: new Date(0) } }, /a\.b is a Date/],
    [{ a: () => 1 }, /a is a function/],
    [{ a: 1n }, /a is a bigint/],
    [[undefined], /\[0\] is undefined/],
    [{ a: '\ud800' }, /a is a string with a lone surrogate/],
    [new Map(), /the value is a Map/],
  ];
  for (const [value, message] of refused) {
    assert.throws(
      () => canonicalHash(value),
      (e: Error) => message.test(`TypeError: ${e.message}`.replace('TypeError: TypeError', 'TypeError')),
    );
  }
});

test('the key of an action is what it was: a change of the schema must be meant', () => {
  const key = actionKey(
    {
      code: 'c'.repeat(64) as CodeHash,
      params: { target: 10_000, genes: 'hvg', limits: [1, null] },
      inputs: { counts: { kind: 'matrix', hash: 'a'.repeat(64) as ContentHash }, lists: [] },
      seed: 0,
      environment: {},
      share: { role: 'whole' },
    },
    'encode',
  );
  assert.equal(key, '5bce1c00c7e4194c0dc88f23147788a0179d602df49a9fba2efc7c2aee15aa37');
});
