/**
 * Plain data with long arrays of numbers anywhere in it, for hand-over from the parts of a stage to its merge: JSON,
 * followed by the bytes of the arrays, which are read without being parsed.
 *
 *     0   u32   length of the JSON text, padded with spaces so that the bytes start at a multiple of 8
 *     4   u32   0
 *     8   JSON  an array of numbers stands there as {"$": type, "at": byte, "length": elements}
 *     …   the arrays, each from a multiple of 8 bytes on, low byte first
 */
import { readFile, writeFile } from 'node:fs/promises';
import type { Kind } from '../../flow/stage.ts';
import type { PackedInput, PackedOutput } from './types.ts';

const TYPES = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;
type TypedArray = InstanceType<(typeof TYPES)[keyof typeof TYPES]>;
const HEAD = 8;

const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** Kind of packed data. Values of `T` are plain data, and arrays of the types above. */
export function packed<T>(): Kind<'packed', PackedInput<T>, PackedOutput<T>> {
  return {
    name: 'packed',
    input: (path) => ({ kind: 'packed', read: async () => unpack(await readFile(path)) as T }),
    output: (path) => ({ write: (value) => writeFile(path, pack(value)) }),
  };
}

/** Bytes of a file; equal values give equal bytes. NaN is kept in arrays only: JSON has none. */
export function pack(value: unknown): Uint8Array {
  const arrays: { array: TypedArray; at: number }[] = [];
  let end = 0;
  const text = JSON.stringify(value, (_key, item) => {
    if (!ArrayBuffer.isView(item)) return item;
    const type = Object.entries(TYPES).find(([, kind]) => item instanceof kind)?.[0];
    if (type === undefined) throw new TypeError(`no array of type ${item.constructor.name} can be packed`);
    const at = end;
    arrays.push({ array: item as TypedArray, at });
    end = padded(at + item.byteLength);
    return { $: type, at, length: (item as TypedArray).length };
  });
  const json = Buffer.from(text, 'utf8');
  const start = HEAD + padded(json.length);
  const bytes = new Uint8Array(start + end).fill(0x20, HEAD, start);
  new DataView(bytes.buffer).setUint32(0, start - HEAD, true);
  bytes.set(json, HEAD);
  for (const { array, at } of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), start + at);
  }
  return bytes;
}

/** Reads the bytes of a file. Its arrays are views of `file` if its alignment allows. */
export function unpack(file: Uint8Array): unknown {
  const bytes = file.byteOffset % 8 === 0 ? file : file.slice();
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + HEAD, length).toString('utf8');
  const start = bytes.byteOffset + HEAD + length;
  return JSON.parse(text, (_key, item) =>
    item?.$ in TYPES
      ? new TYPES[item.$ as keyof typeof TYPES](bytes.buffer as ArrayBuffer, start + item.at, item.length)
      : item,
  );
}
