/** Places of the order statistics of counted values. */
import { wantedRanks } from '../../stats/quantiles.ts';
import { sum } from '../../stats/sums.ts';

/** Place of an order statistic: its bin, the number of values in that bin, and the number of values in earlier bins. */
export interface QuantilePlace {
  readonly rank: number;
  readonly bin: number;
  readonly below: number;
  readonly count: number;
}

/** Returns the places of the order statistics that the five quantiles need. */
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
