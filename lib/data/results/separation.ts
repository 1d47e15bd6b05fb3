/** Separation of one measure as a table, from the distributions of its pairs. */
import type { Columns } from '../kinds/types.ts';
import type { Distribution, measureSeparationTable } from './tables.ts';

/** Single row of the table; NaN where there is no value. */
export function separationRow({
  within,
  between,
  auroc,
  cliffs_delta,
}: Distribution): Columns<typeof measureSeparationTable> {
  const column = (value: number | null) => Float64Array.of(value ?? Number.NaN);
  const range = (from: number | null, to: number | null) => (from === null || to === null ? null : to - from);
  return {
    n_within: column(within.n),
    n_between: column(between.n),
    median_within: column(within.median),
    median_between: column(between.median),
    auroc: column(auroc),
    cliffs_delta: column(cliffs_delta),
    iqr_within: column(range(within.q25, within.q75)),
    iqr_between: column(range(between.q25, between.q75)),
  };
}
