/**
 * Statistic of an encoding over pairs of cells, with its value in each resample. Each statistic stands in a file of its own
 * under `statistics/`, and `statistics.ts` lists them.
 */
import type { Estimate } from '../../stats/estimate.ts';
import type { Resamples } from '../../stats/resample.ts';
import type { ViewProfile } from './profile.ts';

interface Definition<N extends string> {
  /** Value of the column `statistic` of encodings.parquet. */
  readonly name: N;
  /** Whether it is measured for each number of nearest neighbours of the config (`fidelity.neighbors`), k. */
  readonly ofNeighbors: boolean;
}

/** Statistic of one view: one encoding by one metric. */
export interface ViewStatistic<N extends string = string> extends Definition<N> {
  readonly of: 'one view';
  /** @param k 0 if the statistic is not of neighbours */
  measure(view: ViewProfile, resamples: Resamples, k: number): Estimate;
}

/** Statistic of a view against another view of the same cells: mostly that of the reference. */
export interface AgreementStatistic<N extends string = string> extends Definition<N> {
  readonly of: 'two views';
  /** @param k 0 if the statistic is not of neighbours */
  measure(view: ViewProfile, other: ViewProfile, resamples: Resamples, k: number): Estimate;
}

export type StatisticDefinition<N extends string = string> = ViewStatistic<N> | AgreementStatistic<N>;

/** Declares a statistic. Gives its parts their types and does no more. */
export function defineStatistic<const N extends string>(definition: ViewStatistic<N>): ViewStatistic<N>;
export function defineStatistic<const N extends string>(
  definition: AgreementStatistic<N>,
): AgreementStatistic<N>;
export function defineStatistic(definition: StatisticDefinition): StatisticDefinition {
  return definition;
}
