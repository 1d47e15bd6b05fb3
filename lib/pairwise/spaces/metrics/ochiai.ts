/** Ochiai's coefficient: overlap of the detected genes of two cells. */
import { defineMetric } from '../metric-definition.ts';
import { readRows } from '../row-source.ts';

export const ochiai = defineMetric({
  module: import.meta.url,
  name: 'ochiai',
  orientation: 'similarity',
  needs: 'detected genes',
  async openRows(source, genes, order) {
    const { ochiaiSpace } = await import('../ochiai-space.ts');
    return ochiaiSpace(await readRows(source), genes, order);
  },
});
