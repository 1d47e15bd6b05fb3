/** Long arrays of counts as narrow as they can be, and without the zeros at both ends: what a part hands to the merge. */

export interface NarrowCounts {
  /** Where they begin in the long array, and its length. */
  readonly first: number;
  readonly length: number;
  readonly counts: Uint8Array | Uint16Array | Uint32Array | Float64Array;
}

/** A copy. */
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

/** Adds counts to `sums`, of the same length as they had. */
export function addNarrowCounts({ first, length, counts }: NarrowCounts, sums: Float64Array): void {
  if (length !== sums.length) throw new Error(`Internal error: ${length} counts, expected ${sums.length}`);
  for (let i = 0; i < counts.length; i++) sums[first + i] += counts[i];
}
