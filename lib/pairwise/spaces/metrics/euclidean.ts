/** The length of the straight line between two rows. */
import { denseSpace } from '../dense-space.ts';
import { defineMetric } from '../metric-definition.ts';
import { streamedSpace } from '../sparse-space.ts';

export const euclidean = defineMetric({
  module: import.meta.url,
  name: 'euclidean',
  orientation: 'distance',
  needs: 'numbers',
  openRows: (source, genes, order) => streamedSpace(source, 'euclidean', genes, order),
  openDense: (embedding, order) => denseSpace(embedding, 'euclidean', order),
});
