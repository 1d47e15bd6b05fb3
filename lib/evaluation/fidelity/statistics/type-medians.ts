/** Spearman correlation, over types, of the medians of pairs within a type in two views. */
import { medianAgreement } from '../median-agreement.ts';
import { defineStatistic } from '../statistic-definition.ts';

export const typeMedians = defineStatistic({
  name: 'type_medians',
  of: 'two views',
  ofNeighbors: false,
  measure: (view, other, resamples) => medianAgreement(view, other, true, resamples),
});
