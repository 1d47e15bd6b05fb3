import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readNpy } from '../../lib/data/files/npy.ts';

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

const first = values.subarray(0, 12);
test('reads floats of 16 bits, and the other byte order', async () => {
  assert.deepEqual(await readNpy(golden('big_endian.npy')), { rows: 4, columns: 3, values: first });
  // Eighths near −10 are exact in 16 bits.
  assert.deepEqual(await readNpy(golden('half.npy')), { rows: 4, columns: 3, values: first });
});

/** A .npy file: format version 1, its header and its bytes. */
async function npy(descr: string, shape: string, bytes: Uint8Array, read: (path: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'rankloom-npy-'));
  const header = `${`{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117)}\n`;
  const path = join(folder, 'a.npy');
  const start = Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1');
  await writeFile(path, Buffer.concat([start, Buffer.from(header), bytes]));
  await read(path).finally(() => rm(folder, { recursive: true }));
}

test('reads whole numbers of all sizes, and the odd values of 16 bits', async () => {
  const of = (descr: string, bytes: Uint8Array, wanted: number[]) =>
    npy(descr, `(${wanted.length}, 1)`, bytes, async (path) =>
      assert.deepEqual([...(await readNpy(path)).values], wanted, descr),
    );
  await of('|i1', Uint8Array.of(255, 5), [-1, 5]);
  await of('|u1', Uint8Array.of(255, 5), [255, 5]);
  await of('>i2', Uint8Array.of(255, 254, 1, 0), [-2, 256]);
  await of('<u2', Uint8Array.of(254, 255, 1, 0), [65534, 1]);
  await of('<u4', Uint8Array.of(0, 0, 0, 128), [2 ** 31]);
  await of('>u8', Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0), [2 ** 32]);
  await of('<f2', Uint8Array.of(1, 0, 0, 0x7c, 0, 0xfc, 1, 0x7c, 0xff, 0x7b), [
    2 ** -24,
    Infinity,
    -Infinity,
    Number.NaN,
    65504,
  ]);
});

test('refuses one dimension, none, empty arrays, other types and bytes left over', async () => {
  const refused = (descr: string, shape: string, length: number, message: RegExp) =>
    npy(descr, shape, new Uint8Array(length), (path) =>
      assert.rejects(readNpy(path), { kind: 'data', message }),
    );
  await assert.rejects(readNpy(golden('one.npy')), {
    kind: 'data',
    message: /1 dimensions \(shape 5\)/,
    hint: /reshape/,
  });
  await refused('<f4', '()', 4, /0 dimensions/);
  await refused('<f4', '(3, 0)', 0, /empty \(shape 3 × 0\)/);
  await refused('<f4', '(0, 3)', 0, /empty \(shape 0 × 3\)/);
  await refused('|b1', '(2, 1)', 2, /booleans/);
  await refused('<c8', '(2, 1)', 16, /complex/);
  await refused('<f4', '(2, 1)', 12, /4 bytes more than its header says/);
  await refused('<f16', '(2, 1)', 32, /type <f16/);
});

for (const [name, message] of [
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
