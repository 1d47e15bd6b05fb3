/**
 * Log-normalised expression, as in scanpy's `normalize_total` and `log1p`
 * (scverse/scanpy src/scanpy/preprocessing/_normalization.py, _simple.py). Computed in double precision and
 * rounded once, where scanpy rounds the normalised count to single precision first: equal to 1 part in 10⁷.
 */
import { z } from 'zod';
import { log1p } from '../kernels/math.ts';
import { countUsed, defineEncoding } from './encoding.ts';
import { highlyExpressed, totalsWithout, totalWithout } from './highly-expressed.ts';
import { rowEncoder } from './rows.ts';

/** Counts below this have their value looked up: most entries of a cell are 1, 2 or 3. */
const TABLE = 64;

export const lognorm = defineEncoding({
  module: import.meta.url,
  kind: 'lognorm',
  about: 'log(1 + counts per `target` counts of the cell): magnitude, freed of sequencing depth.',
  source: 'scanpy pp.normalize_total and pp.log1p',
  genes: 'hvg',
  options: {
    /** Total that every cell is scaled to; 'median': the median total of the sampled cells (scanpy's default). */
    target: z.union([z.number().positive(), z.literal('median')]).default(10_000),
    /**
     * Share of a cell's counts: genes that exceed it in any sampled cell count for no cell's total; they are scaled like
     * the others (scanpy's `exclude_highly_expressed`, with this as `max_fraction`).
     */
    excludeAbove: z.number().positive().max(1).optional(),
  },
  async prepare({ genes, params: { target: wanted, excludeAbove }, totals, counts }) {
    const { used } = genes;
    const excluded =
      excludeAbove === undefined ? undefined : await highlyExpressed(counts, totals, excludeAbove);
    const median = async () =>
      medianOfPositive(excluded ? await totalsWithout(counts, totals, excluded) : totals);
    const target = wanted === 'median' ? await median() : wanted;
    const table = new Float32Array(TABLE);
    return rowEncoder({
      columns: used.length,
      metadata: {
        genesUsed: countUsed(genes),
        layout: 'sparse',
        value: `log(1 + counts / total * ${target}), total over all genes of the cell${excluded ? ' but those excluded' : ''}`,
      },
      notes: excluded && { excluded: genes.ids.filter((_, column) => excluded[column] === 1).join(', ') },
      encodeRow(block, row, total, id, out) {
        const end = block.indptr[row + 1];
        if (end > block.indptr[row] && !(total > 0)) {
          throw new Error(`Internal error: cell "${id}" has counts, but its total is ${total}`);
        }
        const rest = excluded ? totalWithout(block, row, total, excluded) : total;
        // A cell of nothing but excluded genes stays as it is, as in scanpy.
        const scale = rest > 0 ? target / rest : 1;
        table.fill(0);
        for (let e = block.indptr[row]; e < end; e++) {
          const column = block.indices[e];
          if (used[column] === 0) continue;
          const x = block.values[e];
          const whole = x | 0;
          let value: number;
          if (whole === x && whole < TABLE) {
            if (table[whole] === 0) table[whole] = log1p(x * scale);
            value = table[whole];
          } else {
            value = log1p(x * scale);
          }
          out.indices[out.nnz] = column;
          out.values[out.nnz++] = value;
        }
      },
    });
  },
});

/** Median of the totals above zero; 1 if there is none, since then there is nothing to scale. */
function medianOfPositive(totals: Float64Array): number {
  const positive = totals.filter((total) => total > 0).sort();
  const n = positive.length;
  if (n === 0) return 1;
  return (positive[(n - 1) >> 1] + positive[n >> 1]) / 2;
}
