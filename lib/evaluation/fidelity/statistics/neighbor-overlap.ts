/** Jaccard index of a cell's k nearest neighbours in two views, as mean over cells. */
import { cellMeans, overlapOfCells } from '../neighborhood.ts';
import { defineStatistic } from '../statistic-definition.ts';

export const neighborOverlap = defineStatistic({
  name: 'neighbor_overlap',
  of: 'two views',
  ofNeighbors: true,
  measure: (view, other, resamples, k) =>
    cellMeans(overlapOfCells(view, other, k), other.types, resamples).overCells,
});
