import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pack, packed, unpack } from '../../lib/data/kinds/packed.ts';

const data = {
  name: 'é',
  list: [1, null, { deep: Float32Array.of(0.5, Number.NaN, -0) }],
  a: Int32Array.of(1, -2, 3),
  b: Float64Array.of(0.1, Number.POSITIVE_INFINITY),
  none: new Float32Array(0),
  bytes: Uint8Array.of(255, 0, 7),
  missing: null,
};

test('what is packed comes out again, wherever arrays stand', () => {
  assert.deepEqual(unpack(pack(data)), data);
  assert.deepEqual(unpack(pack([])), []);
  assert.deepEqual(unpack(pack(Float64Array.of(1))), Float64Array.of(1));
});

test('a part of a longer array is packed alone, and a file may lie anywhere in memory', () => {
  const bytes = pack({ part: Float64Array.of(1, 2, 3).subarray(1), after: Float32Array.of(4) });
  for (let shift = 0; shift < 9; shift++) {
    const memory = new Uint8Array(bytes.length + shift);
    memory.set(bytes, shift);
    assert.deepEqual(unpack(memory.subarray(shift)), {
      part: Float64Array.of(2, 3),
      after: Float32Array.of(4),
    });
  }
});

test('an array that is not the first starts where its numbers may', () => {
  for (let length = 0; length < 20; length++) {
    const value = { first: new Uint8Array(length).fill(9), second: Float64Array.of(length) };
    assert.deepEqual(unpack(pack(value)), value);
  }
});

test('as an artifact', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rankloom-packed-'));
  const kind = packed<typeof data>();
  await kind.output(join(dir, 'found')).write(data);
  assert.deepEqual(await kind.input(join(dir, 'found')).read(), data);
  rmSync(dir, { recursive: true });
});
