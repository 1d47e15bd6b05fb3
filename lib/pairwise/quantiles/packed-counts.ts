/**
 * Compact encoding of long arrays of counts, mostly zeros: numbers of variable length, where a zero is followed by the
 * length of the run of zeros. A part passes its sub-bins to the merge in this form.
 */
import { VarintReader, VarintWriter } from '../../data/files/varint.ts';

export function packCounts(counts: Uint32Array | Uint16Array | Float64Array): Uint8Array {
  const writer = new VarintWriter();
  for (let i = 0; i < counts.length; ) {
    if (counts[i] !== 0) {
      writer.write(counts[i++]);
      continue;
    }
    const first = i;
    while (i < counts.length && counts[i] === 0) i++;
    writer.write(0);
    writer.write(i - first);
  }
  return writer.bytes();
}

/** Calls `visit` for each packed count that is not zero. */
export function unpackCounts(
  bytes: Uint8Array,
  length: number,
  visit: (index: number, count: number) => void,
) {
  const reader = new VarintReader(bytes);
  let i = 0;
  while (!reader.isDone) {
    const count = reader.read();
    if (count === 0) i += reader.read();
    else visit(i++, count);
  }
  if (i !== length) throw new Error(`Internal error: ${i} packed counts, expected ${length}`);
}

/** Adds packed counts to `sums`, which has the length of the original array. */
export function addPackedCounts(packed: Uint8Array, sums: Float64Array): void {
  unpackCounts(packed, sums.length, (i, count) => {
    sums[i] += count;
  });
}
