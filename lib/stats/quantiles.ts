/** Quantiles by numpy's default method: linear interpolation between two neighbouring order statistics. */

/** Probabilities of the quantiles that describe groups and distributions. */
export const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;
export type FiveQuantiles = [q05: number, q25: number, median: number, q75: number, q95: number];

/** Returns the ranks (from 0) of the order statistics that the quantile `p` of `n` values lies between. */
export function ranksOf(p: number, n: number): { low: number; high: number; fraction: number } {
  const place = (n - 1) * p;
  const low = Math.floor(place);
  return { low, high: Math.min(low + 1, n - 1), fraction: place - low };
}

/** Returns all ranks that the five quantiles of `n` values need, ascending, each once. */
export function wantedRanks(n: number): number[] {
  const ranks = QUANTILES.flatMap((p) => {
    const { low, high } = ranksOf(p, n);
    return [low, high];
  });
  return [...new Set(ranks)].sort((a, b) => a - b);
}

/**
 * Returns the five quantiles of `n` values, at least one, from their order statistics by rank. The median of an even
 * count is the mean of the two middle values.
 */
export function quantilesFrom(n: number, orderStatistic: (rank: number) => number): FiveQuantiles {
  return QUANTILES.map((p) => {
    const { low, high, fraction } = ranksOf(p, n);
    return between(orderStatistic(low), orderStatistic(high), fraction);
  }) as FiveQuantiles;
}

/** Returns the columns of the five quantiles of a table; NaN in rows without quantiles. */
export function quantileColumns(rows: readonly { readonly quantiles?: readonly number[] | null }[]) {
  const column = (q: number) => Float64Array.from(rows, ({ quantiles }) => quantiles?.[q] ?? Number.NaN);
  return { q05: column(0), q25: column(1), median: column(2), q75: column(3), q95: column(4) };
}

/**
 * Returns the quantile `p` of values in ascending order, like `numpy.quantile`: linear between two order statistics. NaN
 * without values.
 */
export function quantileOfSorted(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const { low, high, fraction } = ranksOf(p, sorted.length);
  return between(sorted[low], sorted[high], fraction);
}

/** Returns the median of ascending values, like `numpy.median`: the mean of the two middle ones. NaN without values. */
export function medianOfSorted(sorted: ArrayLike<number>): number {
  const n = sorted.length;
  return n === 0 ? Number.NaN : (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2;
}

/** Interpolates from the nearer end, as numpy does, so that the result is never outside of a … b. */
const between = (a: number, b: number, fraction: number): number =>
  fraction < 0.5 ? a + (b - a) * fraction : b - (b - a) * (1 - fraction);
