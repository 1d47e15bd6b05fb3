/** Spearman's rank correlation over the genes that both cells have. */
import { defineMetric } from '../metric-definition.ts';
import { readRows } from '../row-source.ts';

export const spearmanIntersection = defineMetric({
  module: import.meta.url,
  name: 'spearman-intersection',
  orientation: 'similarity',
  needs: 'detected genes',
  async openRows(source, genes, order) {
    const { intersectionSpace } = await import('../intersection-space.ts');
    return intersectionSpace(await readRows(source), genes, order);
  },
});
