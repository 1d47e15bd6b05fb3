/** AUROC: probability that a pair of cells within a type is more alike than one of two types, ties counted half. */
import { separation } from '../separation.ts';
import { defineStatistic } from '../statistic-definition.ts';

export const auroc = defineStatistic({
  name: 'auroc',
  of: 'one view',
  ofNeighbors: false,
  measure: (view, resamples) => separation(view, resamples).auroc,
});
