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
    const a = orderStatistic(low);
    const b = orderStatistic(high);
    // From the nearer side, as numpy does: the result is never outside of a … b.
    return fraction < 0.5 ? a + (b - a) * fraction : b - (b - a) * (1 - fraction);
  }) as FiveQuantiles;
}

/** The columns of a table's quantiles; NaN in a row without any. */
export function quantileColumns(rows: readonly { readonly quantiles?: readonly number[] | null }[]) {
  const column = (q: number) => Float64Array.from(rows, ({ quantiles }) => quantiles?.[q] ?? Number.NaN);
  return { q05: column(0), q25: column(1), median: column(2), q75: column(3), q95: column(4) };
}

/** Where an order statistic of counted values is: its bin, the values in it, and how many lie in bins before. */
export interface QuantilePlace {
  readonly rank: number;
  readonly bin: number;
  readonly below: number;
  readonly count: number;
}

/** Where the wanted order statistics of counted values are. */
export function quantilePlaces(counts: Float64Array | Uint32Array): QuantilePlace[] {
  const places: QuantilePlace[] = [];
  const n = sum(counts);
  const ranks = n === 0 ? [] : wantedRanks(n);
  let below = 0;
  for (let bin = 0; bin < counts.length && places.length < ranks.length; bin++) {
    const count = counts[bin];
    if (count === 0) continue;
    for (let rank = ranks[places.length]; rank < below + count; rank = ranks[places.length]) {
      places.push({ rank, bin, below, count });
    }
    below += count;
  }
  return places;
}

export function sum(counts: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i];
  return total;
}
