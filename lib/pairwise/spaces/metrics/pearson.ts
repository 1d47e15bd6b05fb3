/** Pearson's correlation over all genes that take part. */
import { defineMetric } from '../metric-definition.ts';
import { numberSpaces } from '../number-spaces.ts';

export const pearson = defineMetric({
  module: import.meta.url,
  name: 'pearson',
  orientation: 'similarity',
  needs: 'numbers',
  ...numberSpaces('pearson'),
});
