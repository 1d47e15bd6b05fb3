/** Gap between the means of pairs within and between types, in units of their spread: d′. */
import { separation } from '../separation.ts';
import { defineStatistic } from '../statistic-definition.ts';

export const gapOverSpread = defineStatistic({
  name: 'gap_over_spread',
  of: 'one view',
  ofNeighbors: false,
  measure: (view, resamples) => separation(view, resamples).gap,
});
