/**
 * Reader for NumPy arrays (.npy), format versions 1 to 3: floats of 2, 4 and 8 bytes and whole numbers of 1 to 8, in
 * either byte order, of two dimensions, in C or Fortran order. See numpy.lib.format for the layout: magic, version,
 * length of the header, header (a Python dict), data.
 */
import { open } from 'node:fs/promises';
import { dataError } from '../../errors.ts';

export interface NpyMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Row-major; float64 and integers are rounded to Float32. */
  readonly values: Float32Array;
}

const MAGIC = '\x93NUMPY';
const BLOCK_BYTES = 8 * 2 ** 20;

type Decode = (view: DataView, at: number, little: boolean) => number;
/** Decoders by the type's letter and number of bytes. */
const TYPES: Record<string, { bytes: number; decode: Decode }> = {
  f2: { bytes: 2, decode: (view, at, little) => half(view.getUint16(at, little)) },
  f4: { bytes: 4, decode: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, decode: (view, at, little) => view.getFloat64(at, little) },
  i1: { bytes: 1, decode: (view, at) => view.getInt8(at) },
  i2: { bytes: 2, decode: (view, at, little) => view.getInt16(at, little) },
  i4: { bytes: 4, decode: (view, at, little) => view.getInt32(at, little) },
  i8: { bytes: 8, decode: (view, at, little) => Number(view.getBigInt64(at, little)) },
  u1: { bytes: 1, decode: (view, at) => view.getUint8(at) },
  u2: { bytes: 2, decode: (view, at, little) => view.getUint16(at, little) },
  u4: { bytes: 4, decode: (view, at, little) => view.getUint32(at, little) },
  u8: { bytes: 8, decode: (view, at, little) => Number(view.getBigUint64(at, little)) },
};

/** Decodes a float of 16 bits, IEEE 754: 1 sign, 5 exponent, 10 fraction. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * Reads a matrix. Throws a data error for other types, other shapes (one dimension, none, empty ones), and files with too
 * few or too many bytes.
 */
export async function readNpy(path: string): Promise<NpyMatrix> {
  const refuse = (message: string, hint?: string) =>
    dataError(message, {
      where: path,
      expected: 'a NumPy array of two dimensions, of floats or whole numbers',
      hint: hint ?? 'In Python: numpy.save(path, numpy.ascontiguousarray(x, dtype="float32"))',
    });
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const start = Buffer.alloc(12);
    await handle.read(start, 0, 12, 0);
    if (start.toString('latin1', 0, 6) !== MAGIC) throw refuse('not a .npy file');
    const version = start[6];
    if (version < 1 || version > 3) throw refuse(`.npy format version ${version} is not known`);
    const headerStart = version === 1 ? 10 : 12;
    const headerLength = version === 1 ? start.readUInt16LE(8) : start.readUInt32LE(8);
    const dataStart = headerStart + headerLength;
    if (dataStart > size) throw refuse('the .npy file is truncated in its header');
    const header = Buffer.alloc(headerLength);
    await handle.read(header, 0, headerLength, headerStart);
    const { descr, fortran, shape } = parseHeader(header.toString('utf8'), refuse);

    const [, order, letter] = /^([<>|=])([fiu]\d)$/.exec(descr) ?? [];
    const type = TYPES[letter];
    const little = order !== '>';
    if (type === undefined) throw refuse(`the array is of type ${descr}${typeNote(descr)}`);
    if (shape.length !== 2) {
      throw refuse(
        `the array has ${shape.length} dimensions (shape ${shape.join(' × ') || 'scalar'})`,
        shape.length === 1 ? 'If it is one coordinate a row: numpy.save(path, x.reshape(-1, 1))' : undefined,
      );
    }
    const [rows, columns] = shape;
    if (rows === 0 || columns === 0) throw refuse(`the array is empty (shape ${rows} × ${columns})`);
    const count = rows * columns;
    if (size - dataStart < count * type.bytes) {
      throw refuse(
        `the .npy file is truncated: ${size - dataStart} bytes of data for ${rows} × ${columns} ${descr}`,
        'Copy or download the file again.',
      );
    }
    if (size - dataStart > count * type.bytes) {
      throw refuse(
        `the .npy file has ${size - dataStart - count * type.bytes} bytes more than its header says (${rows} × ${columns} ${descr})`,
        'Save one array into one file.',
      );
    }

    const values = new Float32Array(count);
    const block = Buffer.alloc(Math.min(BLOCK_BYTES, count * type.bytes));
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    let done = 0;
    while (done < count) {
      const wanted = Math.min(block.length, (count - done) * type.bytes);
      let got = 0;
      while (got < wanted) {
        const { bytesRead } = await handle.read(
          block,
          got,
          wanted - got,
          dataStart + done * type.bytes + got,
        );
        if (bytesRead === 0) throw refuse('the .npy file ended while it was read');
        got += bytesRead;
      }
      for (let at = 0; at < wanted; at += type.bytes, done++) {
        // In Fortran order the file goes down each column.
        const to = fortran ? (done % rows) * columns + Math.floor(done / rows) : done;
        values[to] = type.decode(view, at, little);
      }
    }
    return { rows, columns, values };
  } finally {
    await handle.close();
  }
}

function parseHeader(header: string, refuse: (message: string) => Error) {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1];
  if (/'descr'\s*:\s*\[/.test(header)) throw refuse('the array is a structured array (a table of records)');
  if (descr === undefined || fortran === undefined || shape === undefined) {
    throw refuse(`the .npy header cannot be read: ${header.trim().slice(0, 80)}`);
  }
  const lengths = shape
    .split(',')
    .map((part) => part.trim().replace(/L$/, ''))
    .filter((part) => part !== '')
    .map(Number);
  if (lengths.some((length) => !Number.isSafeInteger(length) || length < 0)) {
    throw refuse(`the shape (${shape}) in the .npy header cannot be read`);
  }
  return { descr, fortran: fortran === 'True', shape: lengths };
}

function typeNote(descr: string): string {
  if (/^.?b1$/.test(descr)) return ' (booleans)';
  if (/^.?c\d+$/.test(descr)) return ' (complex numbers)';
  if (descr.startsWith('|O')) return ' (Python objects)';
  if (/^[<|][US]/.test(descr)) return ' (text)';
  return '';
}
