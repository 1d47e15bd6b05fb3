/** Quantiles as numpy's default: linear between the two order statistics beside the wanted place. */

/** The quantiles that groups and distributions are described by. */
export const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;
export type FiveQuantiles = [q05: number, q25: number, median: number, q75: number, q95: number];

/** The ranks (from 0) of the order statistics that the quantile `p` of `n` values lies between. */
export function ranksOf(p: number, n: number): { low: number; high: number; fraction: number } {
  const place = (n - 1) * p;
  const low = Math.floor(place);
  return { low, high: Math.min(low + 1, n - 1), fraction: place - low };
}

/** All ranks that the quantiles of `n` values need, ascending, each once. */
export function wantedRanks(n: number): number[] {
  const ranks = QUANTILES.flatMap((p) => {
    const { low, high } = ranksOf(p, n);
    return [low, high];
  });
  return [...new Set(ranks)].sort((a, b) => a - b);
}

/**
 * The quantiles of `n` values, at least one, from their order statistics by rank. The median of an even count is
 * the mean of the two middle values.
 */
export function quantilesFrom(n: number, orderStatistic: (rank: number) => number): FiveQuantiles {
  return QUANTILES.map((p) => {
    const { low, high, fraction } = ranksOf(p, n);
    return between(orderStatistic(low), orderStatistic(high), fraction);
  }) as FiveQuantiles;
}

/** The columns of a table's quantiles; NaN in a row without any. */
export function quantileColumns(rows: readonly { readonly quantiles?: readonly number[] | null }[]) {
  const column = (q: number) => Float64Array.from(rows, ({ quantiles }) => quantiles?.[q] ?? Number.NaN);
  return { q05: column(0), q25: column(1), median: column(2), q75: column(3), q95: column(4) };
}

/**
 * The quantile `p` of values in ascending order, as `numpy.quantile`: linear between two order statistics. NaN for none.
 */
export function quantileOfSorted(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const { low, high, fraction } = ranksOf(p, sorted.length);
  return between(sorted[low], sorted[high], fraction);
}

/** The median of values in ascending order, as `numpy.median`: the mean of the two middle ones. NaN for none. */
export function medianOfSorted(sorted: ArrayLike<number>): number {
  const n = sorted.length;
  return n === 0 ? Number.NaN : (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2;
}

/** From the nearer side, as numpy does: the result is never outside of a … b. */
const between = (a: number, b: number, fraction: number): number =>
  fraction < 0.5 ? a + (b - a) * fraction : b - (b - a) * (1 - fraction);
