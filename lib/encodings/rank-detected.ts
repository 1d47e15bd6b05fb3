/**
 * Ranks of detected genes among the detected genes of their cell: 1 for the lowest count. Genes without a count have no
 * rank and stand at 0. Compared with `rank`, where all zeros share one rank, this shows the effect of zeros.
 *
 * Ties share their average rank (scipy's `rankdata` of the counts above 0); or they are put in an order, as the models
 * do, and ranks are whole numbers.
 */
import { z } from 'zod';
import { DescendingOrder } from '../stats/descending-order.ts';
import { SparseRanker } from '../stats/sparse-ranks.ts';
import { countUsed, defineEncoding } from './encoding.ts';
import { breakTies } from './order.ts';
import { rowEncoder, takeUsed } from './rows.ts';

export const rankDetected = defineEncoding({
  module: import.meta.url,
  kind: 'rank-detected',
  about:
    'The rank of each detected gene among the detected ones of its cell, 1 for the lowest; zeros are dropped.',
  source: "scipy.stats.rankdata(method='average') of the counts above 0",
  genes: 'hvg',
  options: {
    ties: z.enum(['average', 'stable', 'reverse', 'random']).default('average'),
  },
  random: (params) => params.ties === 'random',
  async prepare({ genes, params: { ties }, random }) {
    const { used } = genes;
    const genesUsed = countUsed(genes);
    const ranker = new SparseRanker();
    const order = new DescendingOrder(genesUsed);
    const values = new Float32Array(genesUsed);
    const doubles = new Float64Array(genesUsed);
    const ranks = new Float32Array(genesUsed);
    return rowEncoder({
      columns: used.length,
      metadata: {
        genesUsed,
        layout: 'sparse',
        value: 'rank among the detected genes of the cell, the lowest being 1; genes not detected 0',
      },
      encodeRow(block, row, _total, id, out) {
        const first = out.nnz;
        const n = takeUsed(block, row, used, out.indices, values, first);
        if (ties === 'average') {
          // One zero shifts ranks by (1 + 1)/2 = 1 from those with the zero, which is what dropping it does.
          ranker.rank(values.subarray(0, n), 1);
          for (let i = 0; i < n; i++) ranks[i] = values[i] / 2;
        } else {
          doubles.set(values.subarray(0, n));
          const sorted = order.sort(doubles, n);
          breakTies(sorted, doubles, n, ties, ties === 'random' ? random.stream('ties', id) : undefined);
          for (let p = 0; p < n; p++) ranks[sorted[p]] = n - p;
        }
        out.values.set(ranks.subarray(0, n), first);
        out.nnz = first + n;
      },
    });
  },
});
