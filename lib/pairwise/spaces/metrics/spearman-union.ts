/** Spearman's rank correlation over the genes that at least one of two cells has. */

import { defineMetric } from '../metric-definition.ts';
import { readRows } from '../row-source.ts';
import { unionSpace } from '../union-space.ts';

export const spearmanUnion = defineMetric({
  module: import.meta.url,
  name: 'spearman-union',
  orientation: 'similarity',
  needs: 'detected genes',
  openRows: async (source, genes, order) => unionSpace(await readRows(source), genes, order),
});
