/** Spearman's rank correlation over all genes that take part, zeros tied. */
import { defineMetric } from '../metric-definition.ts';
import { numberSpaces } from '../number-spaces.ts';

export const spearman = defineMetric({
  module: import.meta.url,
  name: 'spearman',
  orientation: 'similarity',
  needs: 'numbers',
  ...numberSpaces('spearman'),
});
