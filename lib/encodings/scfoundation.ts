/**
 * scFoundation's values: log(1 + counts per 10,000) of 19,264 genes in a fixed order, and two more numbers, the target
 * and the source of depth (biomap-research/scFoundation model/get_embedding.py).
 *
 * The total Σ is over the model's genes. S = log10 Σ is the depth of the cell; T is the depth that the model is to
 * assume: a number ('t4' is 4), Σ times a factor ('f5': log10(5 Σ)), or S plus a number ('a0.5'). Genes that the data
 * lack are 0. The model's encoder sees only values above 0, and its input here holds only those: positions 0 … 19,263 are
 * genes, 19,264 is T, 19,265 is S. In the matrix, T and S are the two columns after the genes of the data.
 */
import { z } from 'zod';
import { log, log1p } from '../kernels/math.ts';
import { defineEncoding, homesOf } from './encoding.ts';
import { matchGenes, readPositions } from './gene-list.ts';
import { writeByPosition } from './positions.ts';
import { rowEncoder } from './rows.ts';

/** Counts below this have their value looked up: most entries of a cell are 1, 2 or 3. */
const TABLE = 64;

export const scfoundation = defineEncoding({
  module: import.meta.url,
  kind: 'scfoundation',
  about:
    "scFoundation's values: log(1 + counts per 10,000) of the model's genes, and target and source depth.",
  source: 'biomap-research/scFoundation model/get_embedding.py; Hao et al. 2024',
  genes: 'all',
  options: {
    /** File with the model's genes in its order: OS_scRNA_gene_index.19264.tsv. */
    index: z.string().min(1),
    /** Target depth T: 't' and its value, 'f' and a factor, or 'a' and a number that is added to S. */
    target: z
      .string()
      .regex(/^[tfa]\d+(\.\d+)?$/, "a target is 't', 'f' or 'a' and a number, such as 't4'")
      .default('t4'),
  },
  files: ['index'],
  async prepare({ genes, params: { target }, files }) {
    const list = await readPositions(files.index!);
    const { number } = matchGenes(genes, list, files.index!.path);
    const columns = genes.used.length;
    const write = writeByPosition(columns, number);
    const table = new Float32Array(TABLE);
    return rowEncoder({
      columns: columns + 2,
      metadata: {
        genesUsed: list.size + 2,
        layout: 'sparse',
        value: `log(1 + counts / total * 10000), total over the model's genes; column ${columns}: T (${target}), column ${columns + 1}: S = log10(total)`,
      },
      reading: { home: homesOf(columns, (column) => number[column] >= 0) },
      model: { notes: { positions: String(list.size + 2), target }, extra: 2 },
      extraEntries: 2,
      encodeRow(block, row, _total, _id, out) {
        const first = out.nnz;
        let total = 0;
        for (let e = block.indptr[row]; e < block.indptr[row + 1]; e++) {
          if (number[block.indices[e]] >= 0) total += block.values[e];
        }
        if (total === 0) return;
        table.fill(0);
        for (let e = block.indptr[row]; e < block.indptr[row + 1]; e++) {
          const column = block.indices[e];
          if (number[column] < 0) continue;
          const x = block.values[e];
          let value: number;
          if (x < TABLE && (x | 0) === x) {
            if (table[x] === 0) table[x] = log1p((x / total) * 10_000);
            value = table[x];
          } else {
            value = log1p((x / total) * 10_000);
          }
          out.indices[out.nnz] = column;
          out.values[out.nnz++] = value;
        }
        write(out, first);
        const depths = [targetDepth(target, total), log10(total)];
        for (const [i, depth] of depths.entries()) {
          if (depth === 0) continue;
          out.indices[out.nnz] = columns + i;
          out.values[out.nnz++] = depth;
          if (depth < 0) continue; // the model leaves out values not above 0
          out.modelGenes[out.modelCount] = list.size + i;
          out.modelValues[out.modelCount++] = depth;
        }
      },
    });
  },
});

function targetDepth(target: string, total: number): number {
  const number = Number(target.slice(1));
  if (target[0] === 't') return number;
  return target[0] === 'f' ? log10(total * number) : log10(total) + number;
}

/** Logarithm to base 10, exact to single precision, which is the precision of the output; 0 for 0. */
const log10 = (x: number) => (x > 0 ? log(x) / Math.LN10 : 0);
