/** The cosine of the angle between two rows. */
import { denseSpace } from '../dense-space.ts';
import { defineMetric } from '../metric-definition.ts';
import { streamedSpace } from '../sparse-space.ts';

export const cosine = defineMetric({
  module: import.meta.url,
  name: 'cosine',
  orientation: 'similarity',
  needs: 'numbers',
  openRows: (source, genes, order) => streamedSpace(source, 'cosine', genes, order),
  openDense: (embedding, order) => denseSpace(embedding, 'cosine', order),
});
