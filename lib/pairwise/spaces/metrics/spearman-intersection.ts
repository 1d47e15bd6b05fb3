/** Spearman's rank correlation over the genes that both cells have. */
import { intersectionSpace } from '../intersection-space.ts';
import { defineMetric } from '../metric-definition.ts';
import { readRows } from '../row-source.ts';

export const spearmanIntersection = defineMetric({
  module: import.meta.url,
  name: 'spearman-intersection',
  orientation: 'similarity',
  needs: 'detected genes',
  openRows: async (source, genes, order) => intersectionSpace(await readRows(source), genes, order),
});
