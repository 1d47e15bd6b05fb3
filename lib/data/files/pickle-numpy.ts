/**
 * Numbers and arrays of NumPy in pickles, as Geneformer's dictionaries hold them. NumPy pickles them as calls of
 * functions of its own; the few of these are known here by name, and their results are made from their arguments
 * (numpy/_core/multiarray.py, numpy/_core/numeric.py). Anything else gives undefined.
 */
import type { Item } from './pickle-values.ts';
import { NumpyObject, PickleArray } from './pickle-values.ts';

export const isNumpyObject = (item: unknown): item is NumpyObject => item instanceof NumpyObject;

const GLOBALS: Readonly<Record<string, NumpyObject['what']>> = {
  'numpy.dtype': 'dtype',
  'numpy.ndarray': 'ndarray',
  'numpy.core.multiarray.scalar': 'scalar',
  'numpy._core.multiarray.scalar': 'scalar',
  'numpy.core.multiarray._reconstruct': 'reconstruct',
  'numpy._core.multiarray._reconstruct': 'reconstruct',
  'numpy.core.numeric._frombuffer': 'frombuffer',
  'numpy._core.numeric._frombuffer': 'frombuffer',
  // Protocols below 3 write bytes in this way: as a text in latin1.
  '_codecs.encode': 'encode',
};

export function globalOf(module: string, name: string): NumpyObject | undefined {
  const key = `${module}.${name}`;
  return Object.hasOwn(GLOBALS, key) ? new NumpyObject(GLOBALS[key]) : undefined;
}

/** Result of calling `callee` with the tuple `given`; undefined if the call is not known. */
export function call(callee: Item, given: Item): Item | undefined {
  if (!isNumpyObject(callee) || !Array.isArray(given)) return undefined;
  const args = given as Item[];
  switch (callee.what) {
    case 'dtype':
      return typeof args[0] === 'string' ? new NumpyObject('a type', args[0]) : undefined;
    case 'scalar': {
      const values = decode(args[0], args[1]);
      return values?.length === 1 ? values[0] : undefined;
    }
    case 'reconstruct':
      return isNumpyObject(args[0]) && args[0].what === 'ndarray' ? new NumpyObject('an array') : undefined;
    case 'frombuffer':
      return arrayOf(args[2], decode(args[1], args[0]), args[3] === 'F');
    case 'encode':
      return typeof args[0] === 'string' && args[1] === 'latin1' ? Buffer.from(args[0], 'latin1') : undefined;
    default:
      return undefined;
  }
}

/** Result of setting the state of `object`; undefined if the object is not known. */
export function build(object: Item, state: Item): Item | undefined {
  if (!isNumpyObject(object) || !Array.isArray(state)) return undefined;
  const parts = state as Item[];
  if (object.what === 'a type') {
    return typeof parts[1] === 'string' ? new NumpyObject('a type', parts[1] + object.type) : undefined;
  }
  if (object.what === 'an array') return arrayOf(parts[1], decode(parts[2], parts[4]), parts[3] === true);
  return undefined;
}

type Read = (view: DataView, at: number) => number;
/** Readers of values by type, without byte order. */
const TYPES: Readonly<Record<string, { bytes: number; read: Read }>> = {
  f4: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  f8: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  i2: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  i4: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  i8: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  u2: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  u4: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  u8: { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
};

function decode(type: Item, data: Item): Float64Array | undefined {
  if (!isNumpyObject(type) || type.what !== 'a type') return undefined;
  // Some texts of Python 2 are bytes that happen to be ASCII.
  const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
  const known = /^[<|=]/.test(type.type) ? TYPES[type.type.slice(1)] : undefined;
  if (!(bytes instanceof Uint8Array) || known === undefined || bytes.length % known.bytes !== 0)
    return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = new Float64Array(bytes.length / known.bytes);
  for (let i = 0; i < values.length; i++) values[i] = known.read(view, i * known.bytes);
  return values;
}

function arrayOf(shape: Item, values: Float64Array | undefined, fortran: boolean): PickleArray | undefined {
  if (!Array.isArray(shape) || values === undefined || shape.length > 2) return undefined;
  const lengths = shape as unknown[];
  if (!lengths.every((n): n is number => Number.isSafeInteger(n) && (n as number) >= 0)) return undefined;
  const [rows = 1, columns = 1] = lengths;
  if (rows * columns !== values.length) return undefined;
  if (!fortran || lengths.length < 2) return new PickleArray(lengths, values);
  const inC = new Float64Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) inC[r * columns + c] = values[c * rows + r];
  return new PickleArray(lengths, inC);
}
