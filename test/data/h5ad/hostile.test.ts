/**
 * Files that once broke the HDF5 library, under ../shared/data. Skipped where these are not at hand. A read past a
 * buffer does not stop WebAssembly, so each file is read twice with other bytes in the library's memory: what is read or
 * refused must be the same.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Hdf5File } from '../../../lib/data/readers/h5ad/hdf5.ts';
import { OperationalError } from '../../../lib/errors.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data', 'hostile-hdf5');
const skip = existsSync(FOLDER) ? false : 'the shared data (../shared/data) are not here';
/** Stops the library, which is not used again after that: comes last. */
const STOPS = 'cve-2024-32609.h5';
const MOST_OBJECTS = 100;
const MOST_BYTES = 1 << 22;

async function fillMemory(byte: number): Promise<void> {
  const h5wasm = await import('h5wasm/node');
  const module = await h5wasm.ready;
  const sizes = Array.from({ length: 400 }, (_, i) => 16 << (i % 13));
  const pointers = sizes.map((size) => module._malloc(size));
  for (const [i, pointer] of pointers.entries()) module.HEAPU8.fill(byte, pointer, pointer + sizes[i]);
  for (const pointer of pointers) module._free(pointer);
}

/** A hash over all that a file gives, and where it is refused. */
async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  const look = <T>(read: () => T): T | undefined => {
    try {
      const value = read();
      hash.update(
        ArrayBuffer.isView(value)
          ? Array.from(value as unknown as Uint8Array, String).join()
          : (JSON.stringify(value) ?? ''),
      );
      return value;
    } catch (error) {
      assert.ok(error instanceof OperationalError, `not an error for people: ${(error as Error).stack}`);
      assert.equal(error.kind, 'data');
      // Why it is refused may differ: the library keeps parts of a file in memory after a failure.
      hash.update('refused');
      return undefined;
    }
  };
  let file: Hdf5File;
  try {
    file = await Hdf5File.open(path);
  } catch (error) {
    assert.ok(error instanceof OperationalError);
    return error.message;
  }
  const queue = ['/'];
  for (let i = 0; i < queue.length && i < MOST_OBJECTS; i++) {
    const at = queue[i];
    const kind = look(() => file.kind(at));
    if (kind === 'group') {
      look(() => file.attribute(at, 'encoding-type'));
      queue.push(...(look(() => file.keys(at)) ?? []).map((name) => (at === '/' ? name : `${at}/${name}`)));
    }
    const info = kind === 'dataset' ? look(() => file.dataset(at)) : undefined;
    if (info === undefined || info.shape.reduce((a, b) => a * b, info.bytes) > MOST_BYTES) continue;
    if (info.class === 'string') look(() => file.strings(at));
    else if (info.class === 'compound') for (const field of info.fields) look(() => file.field(at, field));
    else look(() => file.numbers(at));
  }
  file.close();
  return hash.digest('hex');
}

test('hostile files end in values or refusals that do not hang on what lay in memory', { skip }, async () => {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.h5') && name !== STOPS);
  for (const name of names) {
    await fillMemory(0);
    const first = await digest(join(FOLDER, name));
    await fillMemory(0xaa);
    assert.equal(await digest(join(FOLDER, name)), first, name);
  }
});

test('once the library has stopped, all reads are refused', { skip }, async () => {
  await digest(join(FOLDER, STOPS));
  const after = await digest(join(FOLDER, 'cve-2024-29157.h5'));
  assert.match(after, /the HDF5 library stopped while it read .*cve-2024-32609/);
});
