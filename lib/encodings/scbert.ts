/**
 * scBERT's bins: log2(1 + counts per 10,000) cut to whole numbers, at most 5 (TencentAILabHealthcare/scBERT
 * preprocess.py, pretrain.py). A gene with v counts per 10,000 is in bin b if 2^b − 1 ≤ v < 2^(b+1) − 1: bins start at 0,
 * 1, 3, 7, 15 and 31. Bin 0 holds zeros and detected genes with less than 1.
 *
 * Unlike scGPT's, these bins are of magnitude, and depend on the cell's total over the model's genes (over all used genes
 * if no list of genes is given). Whether v reaches a bin is decided in whole numbers, count · 10,000 against (2^b − 1) ·
 * total, so that no rounding moves a value that lies on the edge.
 */
import { z } from 'zod';
import { countUsed, defineEncoding, homesOf } from './encoding.ts';
import { matchGenes, readPositions } from './gene-list.ts';
import { writeByPosition } from './positions.ts';
import { rowEncoder } from './rows.ts';

const TARGET = 10_000;

export const scbert = defineEncoding({
  module: import.meta.url,
  kind: 'scbert',
  about: "scBERT's bins: log2(1 + counts per 10,000), cut to a whole number and at most `bins` − 1.",
  source: 'TencentAILabHealthcare/scBERT preprocess.py; Yang et al. 2022',
  genes: 'all',
  options: {
    /** Number of bins, that of zeros included. */
    bins: z.int().min(2).max(30).default(6),
    /**
     * File with the model's genes in its order (16,906 as published). Without it all used genes count, and no model input
     * is written.
     */
    index: z.string().min(1).optional(),
  },
  files: ['index'],
  async prepare({ genes, params: { bins }, files }) {
    const list = files.index && (await readPositions(files.index));
    const match = list && matchGenes(genes, list, files.index!.path);
    const number = match?.number;
    const genesUsed = list?.size ?? countUsed(genes);
    const write = writeByPosition(genes.used.length, number);
    return rowEncoder({
      columns: genes.used.length,
      metadata: {
        genesUsed,
        layout: 'sparse',
        value: `log2(1 + counts per ${TARGET}) cut to a whole number, at most ${bins - 1}`,
      },
      reading: { home: homesOf(genes.used.length, isKnown) },
      // The original appends a 0, at whose place the class is read: zeros are not written, this one neither.
      model: list && { notes: { positions: String(list.size + 1) }, extra: 0 },
      encodeRow(block, row, _total, _id, out) {
        const start = block.indptr[row];
        const end = block.indptr[row + 1];
        let total = 0;
        for (let e = start; e < end; e++) if (isKnown(block.indices[e])) total += block.values[e];
        const first = out.nnz;
        for (let e = start; e < end; e++) {
          const column = block.indices[e];
          if (!isKnown(column)) continue;
          const scaled = block.values[e] * TARGET;
          let bin = 0;
          while (bin < bins - 1 && scaled >= (2 ** (bin + 1) - 1) * total) bin++;
          if (bin === 0) continue;
          out.indices[out.nnz] = column;
          out.values[out.nnz++] = bin;
        }
        write(out, first);
      },
    });

    function isKnown(column: number): boolean {
      return number === undefined ? genes.used[column] === 1 : number[column] >= 0;
    }
  },
});
