/**
 * Long arrays of counts, mostly zeros, as few bytes: numbers in groups of 7 bits, low first (LEB128), a zero
 * followed by how many zeros stand there. What a part hands to the merge.
 */

export function packCounts(counts: Uint32Array | Uint16Array | Float64Array): Uint8Array {
  let bytes = new Uint8Array(4096);
  let n = 0;
  const write = (value: number) => {
    while (value >= 128) {
      bytes[n++] = (value & 127) | 128;
      value = Math.floor(value / 128);
    }
    bytes[n++] = value;
  };
  for (let i = 0; i < counts.length; ) {
    if (n + 16 > bytes.length) {
      const longer = new Uint8Array(bytes.length * 2);
      longer.set(bytes);
      bytes = longer;
    }
    if (counts[i] !== 0) {
      write(counts[i++]);
      continue;
    }
    const first = i;
    while (i < counts.length && counts[i] === 0) i++;
    write(0);
    write(i - first);
  }
  return bytes.slice(0, n);
}

/** Calls `visit` for each packed count that is not zero. */
export function unpackCounts(
  bytes: Uint8Array,
  length: number,
  visit: (index: number, count: number) => void,
) {
  let at = 0;
  const read = () => {
    let value = 0;
    for (let place = 1; ; place *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * place;
      if (byte < 128) return value;
    }
  };
  let i = 0;
  while (at < bytes.length) {
    const count = read();
    if (count === 0) i += read();
    else visit(i++, count);
  }
  if (i !== length) throw new Error(`Internal error: ${i} packed counts, expected ${length}`);
}

/** Adds packed counts to `sums`, of the same length as what was packed. */
export function addPackedCounts(packed: Uint8Array, sums: Float64Array): void {
  unpackCounts(packed, sums.length, (i, count) => {
    sums[i] += count;
  });
}
