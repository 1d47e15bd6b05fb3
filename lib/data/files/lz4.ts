/**
 * LZ4 decompression, which Node lacks and pandas' default Feather files need. Follows "LZ4 Block Format" and "LZ4 Frame
 * Format" (github.com/lz4/lz4, doc/); checksums are skipped, not verified.
 */

const broken = () => new Error('the LZ4 data is damaged');

/** Decompresses one block to `target` from `at` on; returns where it ends. Matches may reach back before `at`. */
export function decompressBlock(source: Uint8Array, target: Uint8Array, at = 0): number {
  let from = 0;
  let to = at;
  const longer = (length: number): number => {
    let total = length;
    let byte = 255;
    while (byte === 255) {
      if (from >= source.length) throw broken();
      byte = source[from++];
      total += byte;
    }
    return total;
  };
  while (from < source.length) {
    const token = source[from++];
    let literals = token >> 4;
    if (literals === 15) literals = longer(literals);
    if (from + literals > source.length || to + literals > target.length) throw broken();
    target.set(source.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    // The last sequence ends with its literals.
    if (from === source.length) return to;
    const distance = source[from] | (source[from + 1] << 8);
    from += 2;
    let match = token & 15;
    if (match === 15) match = longer(match);
    match += 4;
    if (distance === 0 || distance > to || to + match > target.length) throw broken();
    // Byte by byte where a match overlaps its own output, which is how runs are coded.
    if (distance >= match) target.copyWithin(to, to - distance, to - distance + match);
    else for (let i = 0; i < match; i++) target[to + i] = target[to + i - distance];
    to += match;
  }
  return to;
}

const BLOCK_BYTES = [0, 0, 0, 0, 2 ** 16, 2 ** 18, 2 ** 20, 2 ** 22];

/** Decompresses a frame, as Arrow files hold them. */
export function decompressFrame(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 7 || view.getUint32(0, true) !== 0x184d2204) throw broken();
  const flags = frame[4];
  const blockChecksum = (flags & 16) !== 0;
  const blockBytes = BLOCK_BYTES[(frame[5] >> 4) & 7];
  let from = 7 + ((flags & 8) !== 0 ? 8 : 0) + ((flags & 1) !== 0 ? 4 : 0);
  let target = new Uint8Array((flags & 8) !== 0 ? Number(view.getBigUint64(6, true)) : blockBytes);
  let to = 0;
  while (true) {
    if (from + 4 > frame.length) throw broken();
    const size = view.getUint32(from, true);
    from += 4;
    if (size === 0) return target.subarray(0, to);
    const stored = size & 0x7fffffff;
    if (from + stored > frame.length) throw broken();
    const block = frame.subarray(from, from + stored);
    if ((flags & 8) === 0 && to + blockBytes > target.length) {
      const larger = new Uint8Array(2 * target.length + blockBytes);
      larger.set(target.subarray(0, to));
      target = larger;
    }
    if (size >>> 31 === 0) {
      to = decompressBlock(block, target, to);
    } else {
      if (to + stored > target.length) throw broken();
      target.set(block, to);
      to += stored;
    }
    from += stored + (blockChecksum ? 4 : 0);
  }
}
