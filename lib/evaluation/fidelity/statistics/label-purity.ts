/** Share of a cell's k nearest neighbours with its own type, as mean over cells. */
import { purity } from '../neighborhood.ts';
import { defineStatistic } from '../statistic-definition.ts';

export const labelPurity = defineStatistic({
  name: 'label_purity',
  of: 'one view',
  ofNeighbors: true,
  measure: (view, resamples, k) => purity(view, resamples, k).overCells,
});
