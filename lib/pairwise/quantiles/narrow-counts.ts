/** Long arrays of counts in the narrowest number type, without the zeros at both ends: a part passes them to the merge. */

export interface NarrowCounts {
  /** Place of the first count in the long array, and the length of that array. */
  readonly first: number;
  readonly length: number;
  readonly counts: Uint8Array | Uint16Array | Uint32Array | Float64Array;
}

/** Returns a narrow copy of counts. */
export function narrowCounts(counts: Uint32Array | Float64Array): NarrowCounts {
  let first = 0;
  let end = counts.length;
  while (first < end && counts[first] === 0) first++;
  while (end > first && counts[end - 1] === 0) end--;
  const own = counts.subarray(first, end);
  let most = 0;
  for (let i = 0; i < own.length; i++) if (own[i] > most) most = own[i];
  const Narrow =
    most < 1 << 8 ? Uint8Array : most < 1 << 16 ? Uint16Array : most < 2 ** 32 ? Uint32Array : Float64Array;
  return { first, length: counts.length, counts: Narrow.from(own) };
}

/** Adds counts to `sums`, which has the length of the original array. */
export function addNarrowCounts({ first, length, counts }: NarrowCounts, sums: Float64Array): void {
  if (length !== sums.length) throw new Error(`Internal error: ${length} counts, expected ${sums.length}`);
  for (let i = 0; i < counts.length; i++) sums[first + i] += counts[i];
}
