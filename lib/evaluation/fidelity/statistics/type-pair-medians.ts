/** Spearman correlation, over pairs of two types, of the medians of their pairs of cells in two views. */
import { medianAgreement } from '../median-agreement.ts';
import { defineStatistic } from '../statistic-definition.ts';

export const typePairMedians = defineStatistic({
  name: 'type_pair_medians',
  of: 'two views',
  ofNeighbors: false,
  measure: (view, other, resamples) => medianAgreement(view, other, false, resamples),
});
