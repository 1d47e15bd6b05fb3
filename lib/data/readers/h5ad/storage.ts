/**
 * Check that a dataset holds its values itself and in a form that is read as it is meant. The HDF5 library gives fill
 * values, mostly zeros, for values that were never written and for those in a file that is missing; a reader cannot tell
 * these from data. And it returns numbers of unusual layout (an offset in bits, another exponent) bit by bit.
 */
import { ChunkCheck, listChunks } from './chunks.ts';
import { type Addressing, type Message, readHeader, readSized } from './object-header.ts';

const DATATYPE = 3;
const EXTERNAL_FILES = 7;
const LAYOUT = 8;
const SHARED = 2;

export interface StorageProblem {
  readonly kind: 'elsewhere' | 'unwritten' | 'type';
  readonly text: string;
}

/**
 * Finds a problem with the values of the dataset whose header is at `address`, or returns the check of its chunks;
 * undefined if there is no problem or nothing can be told. A dataset of several dimensions may leave chunks out, which
 * then are zeros; one of a single dimension may not.
 */
export function examineStorage(
  file: number,
  addressing: Addressing,
  address: number,
  shape: readonly number[],
  filters: readonly number[],
): StorageProblem | ChunkCheck | undefined {
  const messages = readHeader(file, addressing, address);
  if (messages === undefined) return undefined;
  if (messages.some(({ type }) => type === EXTERNAL_FILES)) {
    return { kind: 'elsewhere', text: 'lies in other files (external storage)' };
  }
  const type = messages.find((message) => message.type === DATATYPE);
  const unusual = type && unusualType(resolveType(file, addressing, type));
  if (unusual !== undefined) return { kind: 'type', text: unusual };
  const layout = messages.find((message) => message.type === LAYOUT)?.data;
  if (layout === undefined || shape.includes(0)) return undefined;
  const storage = readLayout(layout, addressing);
  if (storage === undefined) return undefined;
  if (storage.address === undefined) return { kind: 'unwritten', text: 'was never written' };
  const { chunk } = storage;
  if (chunk === undefined || chunk.length !== shape.length + 1 || chunk.includes(0)) return undefined;
  const expected = shape.reduce((product, length, i) => product * Math.ceil(length / chunk[i]), 1);
  const chunks = listChunks(file, addressing, storage.address, shape.length, expected);
  if (chunks === undefined) return undefined;
  const bytes = chunk.reduce((a, b) => a * b);
  return new ChunkCheck(file, chunks, { expected, rows: chunk[0], bytes }, filters);
}

/** Data of a datatype message, or of the named type that it points to. */
function resolveType(file: number, addressing: Addressing, message: Message): Buffer | undefined {
  if ((message.flags & SHARED) === 0) return message.data;
  const { data } = message;
  if (data[0] === 3 && data[1] !== 2) return undefined;
  const address = readSized(data, data[0] === 1 ? 8 : 2, addressing.offsetBytes);
  const messages = address === undefined ? undefined : readHeader(file, addressing, address);
  const named = messages?.find(({ type }) => type === DATATYPE);
  return named === undefined || (named.flags & SHARED) !== 0 ? undefined : named.data;
}

/** IEEE 754 layout by size in bytes: exponent's place and size, mantissa's place and size, bias, place of the sign. */
const IEEE: Readonly<Record<number, readonly number[]>> = {
  4: [23, 8, 0, 23, 127, 31],
  8: [52, 11, 0, 52, 1023, 63],
};

/** Describes the layout of a number if it is unusual; undefined for usual ones and for other types. */
function unusualType(data: Buffer | undefined): string | undefined {
  if (data === undefined || data.length < 12) return undefined;
  const kind = data[0] & 15;
  const bytes = data.readUInt32LE(4);
  if (kind !== 0 && kind !== 1) return undefined;
  const [offset, precision] = [data.readUInt16LE(8), data.readUInt16LE(10)];
  if (offset !== 0 || precision !== bytes * 8) {
    return `${precision} bits from bit ${offset} of ${bytes * 8}`;
  }
  if (kind === 0 || data.length < 20 || IEEE[bytes] === undefined) return undefined;
  const isVax = (data[1] & 0x41) === 0x41;
  const found = [data[12], data[13], data[14], data[15], data.readUInt32LE(16), data[2]];
  const isIeee = !isVax && ((data[1] >> 4) & 3) === 2 && IEEE[bytes].every((value, i) => value === found[i]);
  return isIeee ? undefined : 'floating-point numbers that are not IEEE 754';
}

interface Storage {
  /** Address of the values or of the index of chunks; undefined if there are none. */
  readonly address: number | undefined;
  /** Lengths of a chunk and bytes of an element, if the chunks are kept in a B-tree of version 1. */
  readonly chunk?: readonly number[];
}

function readLayout(data: Buffer, { offsetBytes }: Addressing): Storage | undefined {
  const version = data[0];
  const kind = data[1];
  if (version === 3 && kind === 1) return { address: readSized(data, 2, offsetBytes) };
  if (version === 3 && kind === 2) {
    const lengths = Array.from(
      { length: data[2] },
      (_, i) => readSized(data, 3 + offsetBytes + 4 * i, 4) ?? 0,
    );
    return { address: readSized(data, 3, offsetBytes), chunk: lengths };
  }
  // Version 5 differs in the size of chunks only.
  if (version !== 4 && version !== 5) return undefined;
  if (kind === 1) return { address: readSized(data, 2, offsetBytes) };
  if (kind !== 2) return undefined;
  const isFiltered = (data[2] & 2) !== 0;
  const at = 5 + data[3] * data[4];
  // Bytes between the kind of index and its address.
  const before = [undefined, isFiltered ? 12 : 0, 0, 1, 5, 6][data[at]];
  return before === undefined ? undefined : { address: readSized(data, at + 1 + before, offsetBytes) };
}
