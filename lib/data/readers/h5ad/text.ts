/**
 * Decoding of text in HDF5 memory. Bytes are decoded as UTF-8 (of which ASCII is a part) and anything else is refused:
 * the standard decoders put a sign for bytes that they cannot read, which would make two names one.
 */

/** Error for text that is not UTF-8; `shown` is the text with the foreign bytes written as \xfc. */
export class NotUtf8 extends Error {
  readonly shown: string;

  constructor(bytes: Uint8Array) {
    super('not UTF-8');
    this.shown = Array.from(bytes.subarray(0, 60), (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
    ).join('');
  }
}

/** Codes of H5T_str_t: the ways in which a fixed-length text ends. */
const NUL_TERMINATED = 0;
const SPACE_PADDED = 2;
const SPACE = 0x20;

// A byte order mark is kept, since it is a part of the name that its writer gave.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(memory: Buffer, from: number, to: number): string {
  for (let i = from; i < to; i++) {
    if (memory[i] < 0x80) continue;
    try {
      return decoder.decode(memory.subarray(from, to));
    } catch {
      throw new NotUtf8(memory.subarray(from, to));
    }
  }
  return memory.toString('latin1', from, to);
}

/**
 * Reads a text of fixed length, at [from, to) of the memory. Padding is removed as in h5py: everything after the first
 * NUL of a text that ends with NUL, blanks of one that is padded with blanks, and NULs at the end of any.
 */
export function fixedText(memory: Buffer, from: number, to: number, strpad: number | undefined): string {
  let end = to;
  if (strpad === NUL_TERMINATED) {
    end = from;
    while (end < to && memory[end] !== 0) end++;
  } else if (strpad === SPACE_PADDED) {
    while (end > from && memory[end - 1] === SPACE) end--;
  }
  while (end > from && memory[end - 1] === 0) end--;
  return decode(memory, from, end);
}

/** Reads a text of any length at an address, up to its NUL. Address 0 is the empty text. */
export function textAt(memory: Buffer, address: number): string {
  if (address === 0) return '';
  let end = address;
  while (end < memory.length && memory[end] !== 0) end++;
  return decode(memory, address, end);
}
