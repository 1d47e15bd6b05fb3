/** Spearman's rank correlation over the genes that at least one of two cells has. */
import { defineMetric } from '../metric-definition.ts';
import { readRows } from '../row-source.ts';

export const spearmanUnion = defineMetric({
  module: import.meta.url,
  name: 'spearman-union',
  orientation: 'similarity',
  needs: 'detected genes',
  async openRows(source, genes, order) {
    const { unionSpace } = await import('../union-space.ts');
    return unionSpace(await readRows(source), genes, order);
  },
});
