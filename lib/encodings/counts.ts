import { countUsed, defineEncoding } from './encoding.ts';
import { rowEncoder } from './rows.ts';

export const counts = defineEncoding({
  module: import.meta.url,
  kind: 'counts',
  about: 'The raw counts of the used genes, unchanged.',
  source: 'the data',
  genes: 'hvg',
  options: {},
  async prepare({ genes }) {
    const { used } = genes;
    return rowEncoder({
      columns: used.length,
      metadata: { genesUsed: countUsed(genes), layout: 'sparse', value: 'counts' },
      encodeRow(block, row, _total, _id, out) {
        for (let e = block.indptr[row]; e < block.indptr[row + 1]; e++) {
          const column = block.indices[e];
          if (used[column] === 0) continue;
          out.indices[out.nnz] = column;
          out.values[out.nnz++] = block.values[e];
        }
      },
    });
  },
});
