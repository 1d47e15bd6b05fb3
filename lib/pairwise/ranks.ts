/** Average ranks, doubled so that they are whole numbers. */

/**
 * Replaces the positive values of a sparse row by their doubled average ranks, shifted so that the `zeros` that
 * are not stored, which share the lowest rank, have rank 0: with t equal values above b smaller stored ones,
 * 2b + t + zeros.
 *
 * @returns Σ (t³ − t) over all blocks of ties, the zeros included
 */
export function rankSparseRow(values: Float32Array, zeros: number): number {
  const sorted = values.slice().sort();
  let ties = zeros ** 3 - zeros;
  const starts: number[] = [];
  const ranks: number[] = [];
  for (let start = 0; start < sorted.length; ) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    const t = end - start;
    ties += t ** 3 - t;
    starts.push(sorted[start]);
    ranks.push(2 * start + t + zeros);
    start = end;
  }
  for (let i = 0; i < values.length; i++) values[i] = ranks[lastAtMost(starts, values[i])];
  return ties;
}

/**
 * Replaces the values of a dense row by their doubled average ranks minus their mean: between −(n − 1) and n − 1,
 * with sum 0. Equal values share a rank; −0 equals 0.
 */
export function rankDenseRow(values: Float32Array): void {
  const n = values.length;
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  const ranks = new Float32Array(n);
  for (let start = 0; start < n; ) {
    let end = start + 1;
    while (end < n && values[order[end]] === values[order[start]]) end++;
    for (let i = start; i < end; i++) ranks[order[i]] = start + end - n;
    start = end;
  }
  values.set(ranks);
}

/** The last position in ascending `sorted` whose value is at most `value`. */
function lastAtMost(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (sorted[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
