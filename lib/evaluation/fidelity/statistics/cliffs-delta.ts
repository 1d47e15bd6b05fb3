/** Cliff's delta: 2 × AUROC − 1. */
import { mapEstimate } from '../../../stats/estimate.ts';
import { separation } from '../separation.ts';
import { defineStatistic } from '../statistic-definition.ts';

export const cliffsDelta = defineStatistic({
  name: 'cliffs_delta',
  of: 'one view',
  ofNeighbors: false,
  measure: (view, resamples) => mapEstimate(separation(view, resamples).auroc, (auroc) => 2 * auroc - 1),
});
