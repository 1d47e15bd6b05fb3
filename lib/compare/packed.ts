/** Plain data and arrays of numbers as the bytes of one file: a file costs more than what is in it. */

type Numbers = Int32Array | Float32Array | Float64Array;

const TYPES = { i32: Int32Array, f32: Float32Array, f64: Float64Array } as const;
type TypeName = keyof typeof TYPES;

interface Header {
  readonly data: unknown;
  readonly arrays: readonly { readonly name: string; readonly type: TypeName; readonly length: number }[];
}

/** Arrays begin where 64-bit numbers may. */
const aligned = (bytes: number) => Math.ceil(bytes / 8) * 8;

/** The length of the header in 8 bytes, the header as JSON, and the arrays one after the other. */
export function pack(data: unknown, arrays: Readonly<Record<string, Numbers>>): Uint8Array {
  const entries = Object.entries(arrays);
  const header: Header = {
    data,
    arrays: entries.map(([name, array]) => ({ name, type: typeOf(array), length: array.length })),
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const size = entries.reduce((sum, [, array]) => sum + aligned(array.byteLength), 8 + aligned(text.length));
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setFloat64(0, text.length);
  bytes.set(text, 8);
  let at = 8 + aligned(text.length);
  for (const [, { buffer, byteOffset, byteLength }] of entries) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += aligned(byteLength);
  }
  return bytes;
}

export function unpack(file: Uint8Array): { data: unknown; arrays: Record<string, Numbers> } {
  // Copied: a file's bytes need not lie where numbers may.
  const { buffer } = Uint8Array.from(file);
  const length = new DataView(buffer).getFloat64(0);
  const { data, arrays } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length))) as Header;
  let at = 8 + aligned(length);
  const found = arrays.map(({ name, type, length }): [string, Numbers] => {
    const array = new TYPES[type](buffer, at, length);
    at += aligned(array.byteLength);
    return [name, array];
  });
  return { data, arrays: Object.fromEntries(found) };
}

function typeOf(array: Numbers): TypeName {
  return array instanceof Int32Array ? 'i32' : array instanceof Float32Array ? 'f32' : 'f64';
}
