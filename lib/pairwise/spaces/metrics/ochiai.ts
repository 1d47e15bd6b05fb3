/** Ochiai's coefficient: the overlap of the detected genes. */

import { defineMetric } from '../metric-definition.ts';
import { ochiaiSpace } from '../ochiai-space.ts';
import { readRows } from '../row-source.ts';

export const ochiai = defineMetric({
  module: import.meta.url,
  name: 'ochiai',
  orientation: 'similarity',
  needs: 'detected genes',
  openRows: async (source, genes, order) => ochiaiSpace(await readRows(source), genes, order),
});
