import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readNpy } from '../../lib/formats/npy.ts';

const golden = (name: string) => join(import.meta.dirname, '..', 'golden', 'formats', name);
const values = Float32Array.from({ length: 900 }, (_, i) => i / 8 - 10);

for (const [name, scale, rows] of [
  ['f4.npy', 1, 300],
  ['f8_fortran.npy', 1, 300],
  ['i4.npy', 8, 300],
  ['i8_v2.npy', 8, 300],
  ['f4_v3.npy', 1, 6],
] as const) {
  test(`reads ${name}`, async () => {
    const wanted = values.subarray(0, rows * 3).map((value) => value * scale);
    assert.deepEqual(await readNpy(golden(name)), { rows, columns: 3, values: wanted });
  });
}

test('an array of one dimension is one column', async () => {
  const wanted = Float32Array.of(values[0], values[3], values[6], values[9], values[12]);
  assert.deepEqual(await readNpy(golden('one.npy')), { rows: 5, columns: 1, values: wanted });
});

for (const [name, message] of [
  ['big_endian.npy', /type >f4 \(big-endian\)/],
  ['half.npy', /type <f2/],
  ['objects.npy', /type \|O \(Python objects\)/],
  ['text.npy', /type <U2 \(text\)/],
  ['three.npy', /3 dimensions \(shape 2 × 2 × 3\)/],
  ['pandas_lz4.feather', /not a \.npy file/],
] as const) {
  test(`refuses ${name}`, async () => {
    await assert.rejects(readNpy(golden(name)), { kind: 'data', message, hint: /numpy\.save/ });
  });
}

test('refuses a truncated file, wherever it ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rankloom-npy-'));
  try {
    const whole = await readFile(golden('f4.npy'));
    for (const length of [0, 5, 9, 50, 200, whole.length - 1]) {
      const path = join(folder, `${length}.npy`);
      await writeFile(path, whole.subarray(0, length));
      await assert.rejects(readNpy(path), { kind: 'data' }, `${length} bytes`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
