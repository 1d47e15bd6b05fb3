/**
 * Ranks of genes within their cell, with zeros tied: Pearson correlation of these numbers is Spearman correlation of the
 * counts, of counts per 10,000, or of their logarithm alike, since none of these changes an order within a cell.
 */
import { SparseRanker } from '../stats/sparse-ranks.ts';
import { countUsed, defineEncoding } from './encoding.ts';
import { rowEncoder, takeUsed } from './rows.ts';

export const rank = defineEncoding({
  module: import.meta.url,
  kind: 'rank',
  about: 'The average rank of each used gene in its cell; zeros are tied, and their rank is moved to 0.',
  source: "scipy.stats.rankdata(method='average')",
  genes: 'hvg',
  options: {},
  async prepare({ genes }) {
    const { used } = genes;
    const genesUsed = countUsed(genes);
    const ranker = new SparseRanker();
    const values = new Float32Array(genesUsed);
    return rowEncoder({
      columns: used.length,
      metadata: {
        genesUsed,
        layout: 'sparse',
        value: 'average rank among the used genes, minus the rank shared by zeros',
      },
      encodeRow(block, row, _total, _id, out) {
        const first = out.nnz;
        const n = takeUsed(block, row, used, out.indices, values, first);
        ranker.rank(values.subarray(0, n), genesUsed - n);
        for (let i = 0; i < n; i++) out.values[first + i] = values[i] / 2;
        out.nnz = first + n;
      },
    });
  },
});
