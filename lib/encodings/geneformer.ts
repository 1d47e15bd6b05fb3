/**
 * Geneformer's rank value encoding: a cell's genes in descending order of median-scaled expression (ctheodoris/Geneformer
 * geneformer/tokenizer.py, V1 and V2).
 *
 * value = counts / total · 10,000 / median, in double precision and in this order of operations, as published; `total`
 * counts all genes of the cell, and the median is that of the gene's non-zero values over the training corpus. Because
 * each gene has a median of its own, this is not the order of expression.
 *
 * Different from the published tokenizer: its sort leaves the order of equal values open, here the option `ties` sets it.
 * Columns with the same token are summed in both versions and stand where the first of them stands (V1 emits the token
 * twice; V2 moves sums to the end, which matters for ties alone). A cell without any gene of the vocabulary gets an empty
 * list (V2 drops the cell).
 */
import { z } from 'zod';
import type { CsrBlock } from '../cells/csr.ts';
import { DescendingOrder } from '../stats/descending-order.ts';
import { defineEncoding } from './encoding.ts';
import { type GeneformerVocabulary, matchVocabulary, readDictionaries } from './geneformer-vocabulary.ts';
import { breakTies, tieOption } from './order.ts';
import { rowEncoder } from './rows.ts';

/** Length of the longest input of each version's models, special tokens included. */
const LENGTH = { V1: 2048, V2: 4096 } as const;

/** Columns of the cells that can be added to a dataset of token lists. */
export const DATASET_COLUMNS = ['cell_id', 'label', 'batch', 'total_counts'] as const;

const path = z.string().min(1);

export const geneformer = defineEncoding({
  module: import.meta.url,
  kind: 'geneformer',
  about:
    "Geneformer's tokens: detected genes by descending expression relative to each gene's corpus median.",
  source: 'ctheodoris/Geneformer geneformer/tokenizer.py; Theodoris et al. 2023',
  genes: 'all',
  options: {
    version: z.enum(['V1', 'V2']).default('V1'),
    /** Token dictionary, JSON or pickle: Ensembl id to token number. */
    tokens: path,
    /** Median dictionary, JSON or pickle: Ensembl id to non-zero median. */
    medians: path,
    /** Name dictionary, JSON or pickle: gene name to Ensembl id; for genes whose ids are not from Ensembl. */
    names: path.optional(),
    /** Mapping dictionary, JSON or pickle: Ensembl id to the id that the model knows. */
    mapping: path.optional(),
    /** Largest number of tokens of a cell, special ones included; null: as many as the version's models take. */
    length: z.int().min(3).nullable().default(null),
    ties: tieOption,
    /** Columns of the cells for a Hugging Face dataset of the tokens, which is written if this is a list. */
    dataset: z.array(z.enum(DATASET_COLUMNS)).nullable().default(null),
  },
  files: ['tokens', 'medians', 'names', 'mapping'],
  random: (params) => params.ties === 'random',
  async prepare({ genes, params, files, random }) {
    const { version, ties } = params;
    const vocabulary = matchVocabulary(genes, await readDictionaries(files, version));
    const { token, median, special, size } = vocabulary;
    const limit = (params.length ?? LENGTH[version]) - (special ? 2 : 0);
    const gather = rowGatherer(vocabulary);
    const order = new DescendingOrder(size);
    const { columns, values } = gather;
    const weights = new Float32Array(size);
    return rowEncoder({
      columns: genes.used.length,
      metadata: {
        genesUsed: size,
        layout: 'sparse',
        value: 'tokens from the end of the list, the last gene being 1; genes not in the list 0',
      },
      notes: { version },
      reading: { home: vocabulary.home, divisor: median },
      specialTokens: special ? 2 : 0,
      encodeRow(block, row, total, id, out) {
        const n = gather.row(block, row);
        if (n > 0 && !(total > 0)) {
          throw new Error(`Internal error: cell "${id}" has counts, but its total is ${total}`);
        }
        for (let i = 0; i < n; i++) values[i] = ((values[i] / total) * 10_000) / median[columns[i]];
        const sorted = order.sort(values, n);
        if (ties !== 'stable') {
          breakTies(sorted, values, n, ties, ties === 'random' ? random.stream('ties', id) : undefined);
        }
        const kept = Math.min(n, limit);
        if (special && kept > 0) out.tokens[out.tokenCount++] = special.cls;
        for (let p = 0; p < kept; p++) {
          out.tokens[out.tokenCount++] = token[columns[sorted[p]]];
          weights[sorted[p]] = kept - p;
        }
        if (special && kept > 0) out.tokens[out.tokenCount++] = special.eos;
        for (let p = kept; p < n; p++) weights[sorted[p]] = 0;
        for (let i = 0; i < n; i++) {
          if (weights[i] === 0) continue;
          out.indices[out.nnz] = columns[i];
          out.values[out.nnz++] = weights[i];
        }
      },
    });
  },
});

interface RowGatherer {
  /** The row's columns with a token, ascending, and their counts: the first n entries of each. */
  readonly columns: Int32Array;
  readonly values: Float64Array;
  /** Gathers a row, overwriting the previous one; returns n. */
  row(block: CsrBlock, row: number): number;
}

function rowGatherer({ home, size, collapses }: GeneformerVocabulary): RowGatherer {
  const columns = new Int32Array(size);
  const values = new Float64Array(size);
  if (!collapses) {
    return {
      columns,
      values,
      row(block, row) {
        let n = 0;
        for (let e = block.indptr[row]; e < block.indptr[row + 1]; e++) {
          const column = block.indices[e];
          if (home[column] < 0) continue;
          columns[n] = column;
          values[n++] = block.values[e];
        }
        return n;
      },
    };
  }
  // A sum may stand at a column where the row itself has nothing, so columns are sorted afterwards.
  const sums = new Float64Array(home.length);
  return {
    columns,
    values,
    row(block, row) {
      let n = 0;
      for (let e = block.indptr[row]; e < block.indptr[row + 1]; e++) {
        const column = home[block.indices[e]];
        if (column < 0) continue;
        if (sums[column] === 0) columns[n++] = column;
        sums[column] += block.values[e];
      }
      columns.subarray(0, n).sort();
      for (let i = 0; i < n; i++) {
        values[i] = sums[columns[i]];
        sums[columns[i]] = 0;
      }
      return n;
    },
  };
}
