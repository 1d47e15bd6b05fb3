/** Average ranks of dense values: equal values share the mean of their ranks. */

/** Ascending order of values, with its runs of ties. */
export interface TieRuns {
  /** Positions by ascending value, those of equal values ascending. */
  readonly order: Uint32Array;
  /** End of each run of equal values in `order`. */
  readonly ends: readonly number[];
}

/** Sorts values, none of them NaN; −0 equals 0. */
export function tieRuns(values: ArrayLike<number>): TieRuns {
  const n = values.length;
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  order.sort((i, j) => values[i] - values[j] || i - j);
  const ends: number[] = [];
  for (let i = 1; i <= n; i++) {
    if (i === n || values[order[i]] !== values[order[i - 1]]) ends.push(i);
  }
  return { order, ends };
}

/**
 * Writes average ranks, minus their mean and doubled, to `out`: whole numbers between −(n − 1) and n − 1 with sum 0, so
 * that sums of their products are exact.
 *
 * @param out may be the array of the values, which are not read again
 */
export function centredRanks<T extends Float32Array | Float64Array>({ order, ends }: TieRuns, out: T): T {
  let start = 0;
  for (const end of ends) {
    for (let i = start; i < end; i++) out[order[i]] = start + end - order.length;
    start = end;
  }
  return out;
}

/** Writes centred ranks like `centredRanks`, where each value stands for as many equal values as its weight, a whole number. */
export function weightedCentredRanks(
  { order, ends }: TieRuns,
  weights: Float64Array,
  out: Float64Array,
): Float64Array {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i];
  let start = 0;
  let below = 0;
  for (const end of ends) {
    let own = 0;
    for (let i = start; i < end; i++) own += weights[order[i]];
    for (let i = start; i < end; i++) out[order[i]] = 2 * below + own - total;
    below += own;
    start = end;
  }
  return out;
}
