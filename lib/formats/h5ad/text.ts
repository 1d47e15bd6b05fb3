/**
 * Text out of HDF5 memory. Bytes are decoded as UTF-8 (of which ASCII is a part) and anything else is refused: the
 * standard decoders put a sign for what they cannot read, which would make two names one.
 */

/** Text that is not UTF-8; `shown` is how it reads with the foreign bytes written as \xfc. */
export class NotUtf8 extends Error {
  readonly shown: string;

  constructor(bytes: Uint8Array) {
    super('not UTF-8');
    this.shown = Array.from(bytes.subarray(0, 60), (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
    ).join('');
  }
}

/** How a fixed-length text ends (codes of H5T_str_t). */
const NUL_TERMINATED = 0;
const SPACE_PADDED = 2;
const SPACE = 0x20;

// A byte order mark is kept, as it is a part of the name that its writer gave.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string {
  let isAscii = true;
  for (let i = 0; i < bytes.length && isAscii; i++) isAscii = bytes[i] < 0x80;
  if (isAscii) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  try {
    return decoder.decode(bytes);
  } catch {
    throw new NotUtf8(bytes);
  }
}

/**
 * A text of fixed length. Padding falls away as in h5py: all after the first NUL of one that ends with NUL, blanks
 * of one that is padded with blanks, and NULs at the end of any.
 */
export function fixedText(bytes: Uint8Array, strpad: number | undefined): string {
  let end = bytes.length;
  if (strpad === NUL_TERMINATED) {
    const nul = bytes.indexOf(0);
    if (nul >= 0) end = nul;
  } else if (strpad === SPACE_PADDED) {
    while (end > 0 && bytes[end - 1] === SPACE) end--;
  }
  while (end > 0 && bytes[end - 1] === 0) end--;
  return decode(bytes.subarray(0, end));
}

/** A text of any length at an address, up to its NUL. Address 0 is the empty text. */
export function textAt(heap: Uint8Array, address: number): string {
  if (address === 0) return '';
  const end = heap.indexOf(0, address);
  return decode(heap.subarray(address, end < 0 ? heap.length : end));
}
