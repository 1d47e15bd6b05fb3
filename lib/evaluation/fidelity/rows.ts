/** Rows of the table of encodings, from the statistics of a subject and of the reference. */
import { differenceOf, type Estimate, meanEstimate } from '../../stats/estimate.ts';
import { percentileInterval } from '../../stats/resample.ts';
import { keyOf, type Measured } from './measure-subject.ts';
import type { EncodingRow } from './table.ts';
import type { Role } from './view.ts';

/**
 * Returns the rows of a subject.
 *
 * @param reference statistics of the reference, by key; differences are to the mean of its replicates
 * @param types number of types; a single type cannot be resampled
 */
export function encodingRows(
  subject: { readonly name: string; readonly role: Role },
  measured: readonly Measured[],
  reference: ReadonlyMap<string, Measured>,
  types: number,
): EncodingRow[] {
  return measured.flatMap(({ replicates, ...key }): EncodingRow[] => {
    const own = meanEstimate(replicates);
    const base = reference.get(keyOf(key));
    const other = base && meanEstimate(base.replicates);
    const difference = other && differenceOf(own, other);
    const row = (resampled: EncodingRow['resampled'], range: Ranges): EncodingRow => ({
      encoding: subject.name,
      role: subject.role,
      ...key,
      resampled,
      value: own.value,
      ...range,
      difference: difference?.value ?? Number.NaN,
    });
    const rows: EncodingRow[] = [];
    for (const by of ['cells', 'types'] as const) {
      const draws = own[by];
      if (draws === null || draws.length === 0 || (by === 'types' && types < 2)) continue;
      rows.push(row(by, { ...percentileInterval(draws), ...differences(difference?.[by] ?? null) }));
    }
    if (replicates.length > 1) rows.push(row('seeds', rangeOfSeeds(replicates, other)));
    return rows.length > 0 ? rows : [row(null, NO_RANGES)];
  });
}

type Ranges = Pick<EncodingRow, 'lo' | 'hi' | 'differenceLo' | 'differenceHi'>;

const NO_RANGES: Ranges = {
  lo: Number.NaN,
  hi: Number.NaN,
  differenceLo: Number.NaN,
  differenceHi: Number.NaN,
};

function differences(draws: Float64Array | null): Pick<Ranges, 'differenceLo' | 'differenceHi'> {
  if (draws === null) return NO_RANGES;
  const { lo, hi } = percentileInterval(draws);
  return { differenceLo: lo, differenceHi: hi };
}

/** Range from the least to the largest replicate. */
function rangeOfSeeds(replicates: readonly Estimate[], other: Estimate | undefined): Ranges {
  const values = replicates.map(({ value }) => value);
  const [lo, hi] = [Math.min(...values), Math.max(...values)];
  const base = other?.value ?? Number.NaN;
  return { lo, hi, differenceLo: lo - base, differenceHi: hi - base };
}
