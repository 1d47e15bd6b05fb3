/**
 * UCE's bag of genes: 1,024 genes drawn with replacement, gene g with chance p = log(1 + count) / Σ log(1 + count)
 * (snap-stanford/UCE eval_data.py). `bag: 'expected'` is how often each gene is drawn on average, 1,024 · p, and draws
 * nothing; `'sampled'` is one such draw, from the seed and the cell's id.
 *
 * This bag is all that the model has of expression: the model then orders the genes by chromosome and place. The sequence
 * itself is not written, since it needs the model's own tables of genes and proteins; so the used genes are those of the
 * data, where UCE takes those with a protein.
 */
import { z } from 'zod';
import { log1p } from '../kernels/math.ts';
import { countUsed, defineEncoding } from './encoding.ts';
import { rowEncoder } from './rows.ts';

/** Counts below this have their weight looked up. */
const TABLE = 4096;

export const uce = defineEncoding({
  module: import.meta.url,
  kind: 'uce',
  about: "How often UCE's bag of genes holds each gene: expected, or in one seeded draw.",
  source: 'snap-stanford/UCE eval_data.py; Rosen et al. 2023',
  genes: 'all',
  options: {
    bag: z.enum(['expected', 'sampled']).default('expected'),
    /** Genes in the bag. */
    size: z.int().min(1).max(1_000_000).default(1024),
  },
  random: (params) => params.bag === 'sampled',
  async prepare({ genes, params: { bag, size }, random }) {
    const { used } = genes;
    const genesUsed = countUsed(genes);
    const weightOf = Float64Array.from({ length: TABLE }, (_, x) => log1p(x));
    const columns = new Int32Array(genesUsed);
    const weights = new Float64Array(genesUsed);
    const upTo = new Float64Array(genesUsed);
    const drawn = new Uint32Array(genesUsed);
    return rowEncoder({
      columns: used.length,
      metadata: {
        genesUsed,
        layout: 'sparse',
        value: `how often the gene is among ${size} drawn with weight log(1 + count)${bag === 'expected' ? ', on average' : ''}`,
      },
      encodeRow(block, row, _total, id, out) {
        let n = 0;
        let sum = 0;
        for (let e = block.indptr[row]; e < block.indptr[row + 1]; e++) {
          const column = block.indices[e];
          if (used[column] === 0) continue;
          const x = block.values[e];
          columns[n] = column;
          weights[n] = x < TABLE && (x | 0) === x ? weightOf[x] : log1p(x);
          sum += weights[n];
          upTo[n++] = sum;
        }
        if (n === 0) return;
        if (bag === 'expected') {
          for (let i = 0; i < n; i++) {
            out.indices[out.nnz] = columns[i];
            out.values[out.nnz++] = (weights[i] / sum) * size;
          }
          return;
        }
        drawn.fill(0, 0, n);
        const stream = random.stream('bag', id);
        for (let k = 0; k < size; k++) drawn[firstAbove(upTo, n, (stream.uint32() / 2 ** 32) * sum)]++;
        for (let i = 0; i < n; i++) {
          if (drawn[i] === 0) continue;
          out.indices[out.nnz] = columns[i];
          out.values[out.nnz++] = drawn[i];
        }
      },
    });
  },
});

/** First of `n` ascending numbers that is above `x`; the last if none is. */
function firstAbove(ascending: Float64Array, n: number, x: number): number {
  let low = 0;
  let high = n - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] > x) high = middle;
    else low = middle + 1;
  }
  return low;
}
