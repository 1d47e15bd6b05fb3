/** Table of encodings, one row per statistic and kind of resampling. */
import type { Columns } from '../../data/kinds/types.ts';
import type { encodingsTable } from '../../data/results/tables.ts';
import type { Role } from './view.ts';

/** Key of a statistic. */
export interface StatisticKey {
  /** Name in the registry (statistics.ts). */
  readonly statistic: string;
  readonly metric: string;
  readonly referenceMetric: string | null;
  readonly k: number | null;
}

/** Row of the table; missing numbers are NaN. */
export interface EncodingRow extends StatisticKey {
  readonly encoding: string;
  readonly role: Role;
  readonly resampled: 'cells' | 'types' | 'seeds' | null;
  readonly value: number;
  readonly lo: number;
  readonly hi: number;
  readonly difference: number;
  readonly differenceLo: number;
  readonly differenceHi: number;
}

/** Converts rows to columns. @param referenceMetric reference metric of the study */
export function encodingColumns(
  rows: readonly EncodingRow[],
  referenceMetric: string,
): Columns<typeof encodingsTable> {
  const numbers = (pick: (row: EncodingRow) => number) => Float64Array.from(rows, pick);
  return {
    encoding: rows.map(({ encoding }) => encoding),
    role: rows.map(({ role }) => role),
    statistic: rows.map(({ statistic }) => statistic),
    metric: rows.map(({ metric }) => metric),
    is_reference_metric: rows.map(({ metric }) => metric === referenceMetric),
    reference_metric: rows.map(({ referenceMetric }) => referenceMetric),
    k: numbers(({ k }) => k ?? Number.NaN),
    resampled: rows.map(({ resampled }) => resampled),
    value: numbers(({ value }) => value),
    lo: numbers(({ lo }) => lo),
    hi: numbers(({ hi }) => hi),
    difference: numbers(({ difference }) => difference),
    difference_lo: numbers(({ differenceLo }) => differenceLo),
    difference_hi: numbers(({ differenceHi }) => differenceHi),
  };
}
