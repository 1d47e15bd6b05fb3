/** Euclidean distance between two rows. */
import { defineMetric } from '../metric-definition.ts';
import { numberSpaces } from '../number-spaces.ts';

export const euclidean = defineMetric({
  module: import.meta.url,
  name: 'euclidean',
  orientation: 'distance',
  needs: 'numbers',
  ...numberSpaces('euclidean'),
});
