/** Share of a cell's k nearest neighbours with its own type, as mean over types of the means over their cells. */
import { purity } from '../neighborhood.ts';
import { defineStatistic } from '../statistic-definition.ts';

export const labelPurityMacro = defineStatistic({
  name: 'label_purity_macro',
  of: 'one view',
  ofNeighbors: true,
  measure: (view, resamples, k) => purity(view, resamples, k).overTypes,
});
