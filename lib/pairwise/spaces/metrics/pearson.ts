/** Pearson's correlation over all genes that take part. */
import { denseSpace } from '../dense-space.ts';
import { defineMetric } from '../metric-definition.ts';
import { streamedSpace } from '../sparse-space.ts';

export const pearson = defineMetric({
  module: import.meta.url,
  name: 'pearson',
  orientation: 'similarity',
  needs: 'numbers',
  openRows: (source, genes, order) => streamedSpace(source, 'pearson', genes, order),
  openDense: (embedding, order) => denseSpace(embedding, 'pearson', order),
});
