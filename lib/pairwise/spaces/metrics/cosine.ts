/** Cosine of the angle between two rows. */
import { defineMetric } from '../metric-definition.ts';
import { numberSpaces } from '../number-spaces.ts';

export const cosine = defineMetric({
  module: import.meta.url,
  name: 'cosine',
  orientation: 'similarity',
  needs: 'numbers',
  ...numberSpaces('cosine'),
});
