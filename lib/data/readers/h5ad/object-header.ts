/**
 * Object headers of the file, for facts that h5wasm does not give: how numbers are laid out in bits, where the values
 * lie, and whether they were ever written. Follows the HDF5 File Format Specification, versions 1 and 2 of object headers
 * (https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html). Unknown parts are left out.
 */
import { readSync } from 'node:fs';

export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly data: Buffer;
}

/** Sizes and origin of addresses in a file. */
export interface Addressing {
  /** Position of address 0, in bytes from the start of the file. */
  readonly base: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

const SIGNATURE = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');
const CONTINUATION = 0x10;
/** Bounds for headers that are damaged. */
const MOST_BLOCKS = 256;
const MOST_BYTES = 1 << 20;

/** Reads bytes [at, at + length) of a file; undefined if it does not have them. */
export function readBytes(file: number, at: number, length: number): Buffer | undefined {
  if (!(at >= 0 && length >= 0 && Number.isSafeInteger(at + length))) return undefined;
  const bytes = Buffer.alloc(length);
  return readSync(file, bytes, 0, length, at) === length ? bytes : undefined;
}

/** Reads an unsigned number of 1 to 8 bytes; undefined if all its bits are set (no address) or if it lies outside. */
export function readSized(data: Buffer, at: number, bytes: number): number | undefined {
  if (at + bytes > data.length) return undefined;
  let value = 0;
  let isUndefined = true;
  for (let i = bytes - 1; i >= 0; i--) {
    value = value * 256 + data[at + i];
    if (data[at + i] !== 0xff) isUndefined = false;
  }
  return isUndefined ? undefined : value;
}

/** Reads the superblock, which may stand behind a user block. */
export function readAddressing(file: number): Addressing | undefined {
  for (let at = 0; at <= 1 << 20; at = at === 0 ? 512 : at * 2) {
    const block = readBytes(file, at, 48);
    if (block === undefined) return undefined;
    if (!block.subarray(0, 8).equals(SIGNATURE)) continue;
    const version = block[8];
    if (version > 3) return undefined;
    const [sizes, origin] = version >= 2 ? [9, 12] : [13, version === 1 ? 28 : 24];
    const [offsetBytes, lengthBytes] = [block[sizes], block[sizes + 1]];
    if (![2, 4, 8].includes(offsetBytes) || ![2, 4, 8].includes(lengthBytes)) return undefined;
    const base = readSized(block, origin, offsetBytes);
    return base === undefined ? undefined : { base, offsetBytes, lengthBytes };
  }
  return undefined;
}

/** Reads the messages of the header at an address; undefined if it is of another form. */
export function readHeader(file: number, addressing: Addressing, address: number): Message[] | undefined {
  const at = addressing.base + address;
  const prefix = readBytes(file, at, 40);
  if (prefix === undefined) return undefined;
  if (prefix.toString('latin1', 0, 4) === 'OHDR')
    return prefix[4] === 2 ? readNew(file, addressing, at, prefix) : undefined;
  if (prefix[0] !== 1) return undefined;
  return collect(file, addressing, [[at + 16, prefix.readUInt32LE(8)]], oldMessages, 0);
}

function readNew(file: number, addressing: Addressing, at: number, prefix: Buffer): Message[] | undefined {
  const flags = prefix[5];
  const sizeAt = 6 + ((flags & 0x20) !== 0 ? 16 : 0) + ((flags & 0x10) !== 0 ? 4 : 0);
  const sizeBytes = 1 << (flags & 3);
  const size = readSized(prefix, sizeAt, sizeBytes);
  if (size === undefined) return undefined;
  const head = (flags & 4) !== 0 ? 6 : 4;
  return collect(file, addressing, [[at + sizeAt + sizeBytes, size]], (block) => newMessages(block, head), 4);
}

/** Reads block after block; a continuation has `signed` bytes before its messages and as many after. */
function collect(
  file: number,
  { base, offsetBytes, lengthBytes }: Addressing,
  blocks: [number, number][],
  parse: (block: Buffer) => Message[],
  signed: number,
): Message[] | undefined {
  const messages: Message[] = [];
  for (let b = 0; b < blocks.length; b++) {
    const [at, length] = blocks[b];
    if (b > MOST_BLOCKS || length > MOST_BYTES || length < 0) return undefined;
    const block = readBytes(file, at, length);
    if (block === undefined) return undefined;
    for (const message of parse(block)) {
      messages.push(message);
      if (message.type !== CONTINUATION) continue;
      const offset = readSized(message.data, 0, offsetBytes);
      const size = readSized(message.data, offsetBytes, lengthBytes);
      if (offset === undefined || size === undefined) return undefined;
      blocks.push([base + offset + signed, size - 2 * signed]);
    }
  }
  return messages;
}

function oldMessages(block: Buffer): Message[] {
  const messages: Message[] = [];
  for (let at = 0; at + 8 <= block.length; ) {
    const size = block.readUInt16LE(at + 2);
    messages.push({
      type: block.readUInt16LE(at),
      flags: block[at + 4],
      data: block.subarray(at + 8, at + 8 + size),
    });
    at += 8 + size;
  }
  return messages;
}

function newMessages(block: Buffer, head: number): Message[] {
  const messages: Message[] = [];
  for (let at = 0; at + head <= block.length; ) {
    const size = block.readUInt16LE(at + 1);
    messages.push({
      type: block[at],
      flags: block[at + 3],
      data: block.subarray(at + head, at + head + size),
    });
    at += head + size;
  }
  return messages;
}
