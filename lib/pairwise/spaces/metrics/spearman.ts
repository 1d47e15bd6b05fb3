/** Spearman's rank correlation over all genes that take part, zeros tied. */
import { denseSpace } from '../dense-space.ts';
import { defineMetric } from '../metric-definition.ts';
import { streamedSpace } from '../sparse-space.ts';

export const spearman = defineMetric({
  module: import.meta.url,
  name: 'spearman',
  orientation: 'similarity',
  needs: 'numbers',
  openRows: (source, genes, order) => streamedSpace(source, 'spearman', genes, order),
  openDense: (embedding, order) => denseSpace(embedding, 'spearman', order),
});
